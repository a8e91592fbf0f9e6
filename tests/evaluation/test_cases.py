"""Files of documents and cases are read whole, and every wrong line is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluation.cases import (
    BadFile,
    Case,
    CorpusRow,
    check_relevant,
    half_of,
    of_half,
    read_cases,
    read_corpus,
)

DOCUMENT = {"id": "a", "title": "A", "text": "Some text."}
CASE = {"id": "q", "query": "some text?", "relevant": ["a"]}


def lines(folder: Path, *rows: dict[str, Any] | str) -> Path:
    file = folder / "rows.jsonl"
    said = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(said) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", "line 2 is not an object"),
        ({"id": "b", "title": "B"}, "line 2: the field 'text' is missing"),
        ({"id": "b", "text": 3}, "line 2: the field 'text' must be a text"),
        ({"text": "b"}, "line 2: the field 'id' must be a text or a number"),
        ({"id": "b", "text": "b", "title": []}, "line 2: the field 'title' must be a text"),
        (DOCUMENT, "line 2: the id a is there twice"),
    ],
)
def test_a_wrong_line_of_a_corpus_is_named(
    tmp_path: Path, row: dict[str, Any] | str, reason: str
) -> None:
    with pytest.raises(BadFile, match=reason):
        read_corpus(lines(tmp_path, DOCUMENT, row))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "r", "relevant": ["a"]}, "line 2: the field 'query' is missing"),
        ({"id": "r", "query": "", "relevant": ["a"]}, "line 2: the field 'query' is empty"),
        ({"id": "r", "query": "r", "relevant": "a"}, "line 2: the field 'relevant' must be a list"),
        ({"id": "r", "query": "r", "relevant": [{}]}, "line 2: the field 'relevant' must be"),
        (CASE, "line 2: the id q is there twice"),
        ({"query": "r", "last_turn": "r", "history": [{"role": "judge"}]}, "line 2: history"),
    ],
)
def test_a_wrong_line_of_cases_is_named(
    tmp_path: Path, row: dict[str, Any] | str, reason: str
) -> None:
    with pytest.raises(BadFile, match=reason):
        read_cases(lines(tmp_path, CASE, row), "last_turn")


def test_an_empty_file_and_one_that_is_not_there_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="holds no documents"):
        read_corpus(lines(tmp_path))
    with pytest.raises(BadFile, match="holds no cases"):
        read_cases(lines(tmp_path))
    with pytest.raises(BadFile, match="cannot be read"):
        read_cases(tmp_path / "nowhere.jsonl")


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    text = "one\u2028two\x85three"
    assert read_corpus(lines(tmp_path, {**DOCUMENT, "text": text}))[0].text == text


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    file = lines(tmp_path, DOCUMENT)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert [row.id for row in read_corpus(file)] == ["a"]


def test_documents_that_the_corpus_lacks_are_told_and_all_of_them_are_an_error() -> None:
    rows = [CorpusRow("a", "", "text", "", False)]
    known = Case("q", "q", (), frozenset({"a"}), "")
    other = Case("r", "r", (), frozenset({"b", "c"}), "")
    assert check_relevant([known, other], rows) == ["b", "c"]
    with pytest.raises(BadFile, match="do the two files belong together"):
        check_relevant([other], rows)


def test_the_halves_are_those_of_the_hash_and_make_up_the_whole() -> None:
    cases = [Case(str(n), "q", (), frozenset({"a"}), "") for n in range(200)]
    first, second = of_half(cases, 0), of_half(cases, 1)
    assert sorted(c.id for c in first + second) == sorted(c.id for c in cases)
    assert 60 < len(first) < 140
    assert of_half(cases, None) == cases
    # `printf q1 | sha256sum` ends in b, that of q4 in a.
    assert (half_of("q1"), half_of("q4")) == (1, 0)


def test_a_page_without_text_is_read(tmp_path: Path) -> None:
    assert read_corpus(lines(tmp_path, {**DOCUMENT, "text": ""}))[0].text == ""

"""`manage.py evaluate cache`: pairs of questions through the real decision."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evaluation.cache import PairResult, interval, summary
from evaluation.cases import BadFile, read_pairs
from tests.fresh_data_folder import ROOT

CORPUS = ROOT / "tests" / "samples" / "evaluation" / "corpus.jsonl"
SAME_WORDS = ("How long can I return goods?", "For how long can goods be returned?", 1)
REPEAT = ("How long can I return goods?", "how long can I return goods", 1)
OTHER_PAGE = ("How long can I return goods?", "How long does express delivery take?", 0)
REPLACED = ("How long can I return shoes?", "How long can I return gloves?", 0)
OWN = ("Where is my order 4711?", "where is my order 4711", 1)


@pytest.fixture(autouse=True)
def log_level() -> Iterator[None]:
    """A command makes the log quiet."""
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def pairs_file(folder: Path, *pairs: tuple[Any, ...]) -> Path:
    file = folder / "pairs.jsonl"
    rows = [json.dumps({"a": a, "b": b, "label": label}) for a, b, label in pairs]
    file.write_text("\n".join(rows))
    return file


def run(file: Path, *options: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("evaluate", "cache", "--pairs", str(file), *options, "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def reused(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["layer"], row["refusal"]) for row in result["per_pair"]]


@pytest.mark.django_db
def test_pairs_are_judged_with_the_evidence_of_the_corpus(tmp_path: Path) -> None:
    file = pairs_file(tmp_path, REPEAT, SAME_WORDS, OTHER_PAGE, REPLACED, OWN)
    result = run(file, "--corpus", str(CORPUS))
    assert reused(result) == [
        ("exact", ""),
        ("semantic", ""),
        ("", "far"),
        ("", "word_replaced"),
        ("", "not_shared"),
    ]
    assert result["pairs"] == 5
    assert (result["same"], result["different"]) == (3, 2)
    assert (result["hits_on_same"], result["hits_on_different"]) == (2, 0)
    assert (result["precision"], result["recall"]) == (1.0, 0.6667)


@pytest.mark.django_db
def test_without_evidence_only_the_same_question_is_served(tmp_path: Path) -> None:
    result = run(pairs_file(tmp_path, REPEAT, SAME_WORDS))
    assert reused(result) == [("exact", ""), ("", "other_evidence")]


@pytest.mark.django_db
def test_the_evidence_may_be_taken_for_the_same(tmp_path: Path) -> None:
    result = run(pairs_file(tmp_path, SAME_WORDS, REPLACED), "--same-evidence")
    assert reused(result) == [("semantic", ""), ("", "word_replaced")]


@pytest.mark.django_db
def test_a_wrong_file_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises((CommandError, SystemExit)):
        run(pairs_file(tmp_path, ("a", "b", 2)))


def test_every_wrong_line_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 2: the field 'label' must be 0 or 1"):
        read_pairs(pairs_file(tmp_path, REPEAT, ("a", "b", "same")))
    with pytest.raises(BadFile, match="line 1: the field 'b' is empty"):
        read_pairs(pairs_file(tmp_path, ("a", " ", 1)))
    with pytest.raises(BadFile, match="holds no pairs"):
        read_pairs(pairs_file(tmp_path))


def test_the_halves_are_the_whole(tmp_path: Path) -> None:
    file = pairs_file(tmp_path, *((f"question {n}?", "another?", 0) for n in range(40)))
    first, second = read_pairs(file, 0), read_pairs(file, 1)
    assert len(first) + len(second) == 40
    assert min(len(first), len(second)) > 10
    assert not {pair.id for pair in first} & {pair.id for pair in second}


def judged(*, same: bool, hit: bool) -> PairResult:
    layer, refusal = ("semantic", "") if hit else ("", "far")
    return PairResult("a", "b", same, hit, layer, refusal, 0.8)


def test_the_figures_are_counted() -> None:
    results = [judged(same=True, hit=True)] * 3 + [judged(same=True, hit=False)]
    results += [judged(same=False, hit=True)] + [judged(same=False, hit=False)] * 9
    figures = summary(results)
    assert (figures["hits_on_same"], figures["hits_on_different"]) == (3, 1)
    assert (figures["precision"], figures["recall"], figures["wrong_reuse"]) == (0.75, 0.75, 0.1)
    assert figures["by_layer"] == {"semantic": 4}
    assert figures["refused_different"] == {"far": 9}
    assert summary([])["precision"] is None


def test_the_interval_is_wilsons() -> None:
    # 0 of 200: up to 1.88 % (Wilson).
    assert interval(0, 200) == [0.0, 0.0188]
    assert interval(0, 0) is None
    low, high = interval(5, 10) or (0, 0)
    assert round(low + high, 4) == 1.0

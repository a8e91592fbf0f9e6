from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evaluation.personal_data import Marked, PersonalDataCase, evaluate


def case(text: str, value: str = "", kind: str = "EMAIL_ADDRESS") -> PersonalDataCase:
    start = text.index(value)
    marks = (Marked(start, start + len(value), kind),) if value else ()
    return PersonalDataCase(text, marks)


def test_recall_and_precision_count_each_type() -> None:
    result = evaluate(
        [
            case("I am a@mail.example", "a@mail.example"),
            case("I am a at mail", "a at mail"),
            case("Not marked: b@mail.example, but C3", "C3", "ROOM"),
        ],
        [],
    )
    mail = result["by_type"]["EMAIL_ADDRESS"]
    assert (mail["n"], mail["found"], mail["recall"], mail["precision"]) == (2, 2, 0.5, 0.5)
    room = result["by_type"]["ROOM"]
    assert (room["recall"], room["precision"], room["looked_for"]) == (0.0, None, False)


def test_half_a_number_is_not_found() -> None:
    text = "call 212-555-0142 or so"
    assert evaluate([case(text, "212-555-0142 or", "PHONE")], [])["by_type"]["PHONE"]["recall"] == 0
    assert evaluate([case(text, "212-555-0142", "PHONE")], [])["by_type"]["PHONE"]["recall"] == 1


def test_a_birth_date_that_is_marked_as_a_date_is_right() -> None:
    row = evaluate([case("born on 1/2/1980", "1/2/1980", "DATE_TIME")], [])["by_type"]
    assert row["DATE_OF_BIRTH"]["precision"] == 1


def test_harmless_texts_that_are_altered_are_counted_and_told() -> None:
    result = evaluate([case("fine")], ["also fine", "mail a@mail.example"])
    assert result["texts_without_pii"] == 3
    assert result["texts_altered_without_pii"] == 1
    assert result["altered"] == ["mail a@mail.example"]


def write(folder: Path, *rows: dict[str, Any]) -> str:
    file = folder / "cases.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(file)


@pytest.mark.django_db
def test_the_command_reads_files_and_prints_the_result(tmp_path: Path) -> None:
    span = {"start": 5, "end": 19, "type": "EMAIL_ADDRESS", "value": "a@mail.example"}
    file = write(tmp_path, {"text": "I am a@mail.example", "spans": [span]}, {"query": "fine"})
    out = io.StringIO()
    call_command("evaluate", "pii", "--cases", file, "--benign", file, "--json", stdout=out)
    result = json.loads(out.getvalue())
    assert result["by_type"]["EMAIL_ADDRESS"]["recall"] == 1
    assert result["texts_altered_without_pii"] == 1
    assert result["p95_ms"] < 50


@pytest.mark.django_db
def test_a_wrong_span_is_named_with_its_line(tmp_path: Path) -> None:
    span = {"start": 5, "end": 99, "type": "EMAIL_ADDRESS"}
    file = write(tmp_path, {"text": "I am a@mail.example", "spans": [span]})
    with pytest.raises(CommandError, match="line 1: a span lies outside"):
        call_command("evaluate", "pii", "--cases", file)

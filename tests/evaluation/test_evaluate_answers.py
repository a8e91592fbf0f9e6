"""`manage.py evaluate answers` on the committed samples."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.fresh_data_folder import ROOT

pytestmark = pytest.mark.django_db
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(*options: str | Path, cases: Path = SAMPLES / "cases.jsonl") -> dict[str, Any]:
    out = io.StringIO()
    files = ["--corpus", str(SAMPLES / "corpus.jsonl"), "--cases", str(cases)]
    call_command("evaluate", "answers", *files, *map(str, options), "--json", stdout=out)
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def test_the_result_holds_what_is_promised() -> None:
    result = run("--unanswerable", SAMPLES / "unanswerable.jsonl")
    assert set(result) >= {
        "n",
        "cited_gold",
        "answer_f1",
        "similarity",
        "abstained_on_unanswerable",
        "answered_on_answerable",
        "confidence_auroc",
        "calibration_error",
        "calibration",
        "by_level",
        "consistency",
        "prohibited",
        "format_faults",
        "words",
        "intervals",
        "by_disposition",
        "cost_usd",
        "latency_ms",
        "per_case",
    }
    assert result["prohibited"] == {}
    assert result["format_faults"] == {}
    assert result["most_cited"] <= 3
    assert sum(row["n"] for row in result["calibration"]) == result["n"]


def test_a_run_is_stored_compared_and_shown(tmp_path: Path) -> None:
    before, page = tmp_path / "before.json", tmp_path / "page.html"
    run("--save-baseline", before)
    result = run("--baseline", before, "--report", page)
    assert result["compared"]["regressions"] == []
    assert result["compared"]["differences"]["right"]["difference"] == 0
    assert "How good the answers are" in page.read_text()


def test_words_that_a_case_forbids_and_its_group_are_read(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (SAMPLES / "cases.jsonl").read_text().splitlines() if line]
    for row in rows:
        row |= {"group": "all", "must_not": ["the"]}
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = run(cases=cases)
    assert result["prohibited"]["must_not: the"] >= 1
    assert result["consistency"]["groups"] == 1
    rows[0]["must_not"] = "the"
    cases.write_text(json.dumps(rows[0]))
    with pytest.raises(CommandError, match="must be a list of texts"):
        run(cases=cases)

"""A run of `evaluate answers` as it is stored, compared with a later one, and shown on a page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from evaluation.cases import BadFile
from evaluation.comparison import compare_runs
from knowledge import metrics

# Of each case, the higher the better. `right`: a right document is cited, or the reply is silent
# where no document answers; `sureness`: 1 - (confidence - whether a right document was there)^2.
METRICS = ("right", "answer_f1", "similarity", "sureness")
TEMPLATE = "evaluation/answers_report.html"


def as_run(result: Mapping[str, Any], about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a comparison needs of a result."""
    rows = [_row(case) for case in result["per_case"]]
    intervals = {name: metrics.interval([row[name] for row in rows]) for name in METRICS}
    return {"about": dict(about), "n": len(rows), "intervals": intervals, "per_query": rows}


def compared(stored: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """Compare a stored run with a new one; `regressions` are metrics that are surely worse."""
    found = compare_runs(stored, run, main="right", listed="cited")
    worse = [name for name, row in found["differences"].items() if row["worse"]]
    return {**found, "regressions": worse}


def write_report(file: Path, result: Mapping[str, Any], questions: Mapping[str, str]) -> None:
    """Write a page: the figures, then the cases, wrong ones first. Raises BadFile."""
    cases = [
        {**case, "question": questions.get(case["id"], ""), **_row(case)}
        for case in result["per_case"]
    ]
    cases.sort(key=lambda case: (case["right"], not case["prohibited"], -case["confidence"]))
    page = render_to_string(TEMPLATE, {"result": result, "cases": cases})
    try:
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error}") from error


def _row(case: Mapping[str, Any]) -> dict[str, Any]:
    right = case["gold_cited"] if case["answerable"] else _is_silent(case)
    return {
        "id": case["id"],
        "right": float(right),
        "answer_f1": case["answer_f1"] or 0.0,
        "similarity": case["similarity"] or 0.0,
        "sureness": round(1 - (case["confidence"] - float(case["gold_in_reach"])) ** 2, 4),
        "cited": list(case["cited"]),
    }


def _is_silent(case: Mapping[str, Any]) -> bool:
    return case["disposition"] in ("clarify", "refuse", "escalate")

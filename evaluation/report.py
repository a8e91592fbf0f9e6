"""A run as one HTML page that needs nothing else: the figures, then the cases, worst first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from evaluation.cases import BadFile

TEMPLATE = "evaluation/report.html"


def write_report(file: Path, result: Mapping[str, Any], titles: Mapping[str, str]) -> None:
    """Write the page. `titles` are those of the corpus by id. Raises BadFile."""
    try:
        file.write_text(report(result, titles), encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error}") from error


def report(result: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    """Return the page."""
    context = {
        "result": result,
        "metrics": [_metric(name, result) for name in result["intervals"]],
        "cases": [_case(row, titles) for row in worst_first(result)],
        "compared": result.get("compared"),
    }
    return render_to_string(TEMPLATE, context)


def worst_first(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the cases that found least first, of equal ones those where plain search is better."""
    return sorted(
        result["per_query"],
        key=lambda row: (row["ndcg_at_10"], -row["baseline_ndcg_at_10"], row["id"]),
    )


def _metric(name: str, result: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "value": result[name],
        "interval": result["intervals"][name],
        "baselines": [figures[name] for figures in result["baselines"].values()],
        "difference": result["against_best_baseline"][name],
    }


def _case(row: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    wanted = set(row["relevant"])
    found = [
        {"id": pk, "title": titles.get(pk, ""), "right": pk in wanted} for pk in row["retrieved"]
    ]
    missed = [
        {"id": pk, "title": titles.get(pk, "")}
        for pk in row["relevant"]
        if pk not in set(row["retrieved"])
    ]
    return {**row, "found": found, "missed": missed}

"""The page that asks the golden questions of the index in use."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from knowledge.golden import MOST_QUESTIONS, measure

NAMES = {
    "first": "Right document first",
    "in_first_five": "Right document among the first five",
    "mrr_at_10": "Mean of 1 / rank (MRR, first ten)",
}


def measured(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the page; a form sent to it asks the questions."""
    found = measure() if request.method == "POST" else None
    figures: list[tuple[str, float, tuple[float, float]]] = []
    if found and found["questions"]:
        figures = [
            (name, found["figures"][key], found["intervals"][key]) for key, name in NAMES.items()
        ]
    return TemplateResponse(
        request,
        "admin/knowledge/golden_measure.html",
        {
            **context,
            "title": "Measure the search",
            "found": found,
            "figures": figures,
            "most_questions": MOST_QUESTIONS,
        },
    )

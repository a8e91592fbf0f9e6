"""The page that holds the index in use against the database, and repairs it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from knowledge.actions.defaults import ensure_generation
from knowledge.index_model import Misfit, other_dimensions
from knowledge.intake import ring_for_points
from knowledge.models import Document, IndexGeneration
from knowledge.reconciliation import Differences, check, documents_of, mend
from providers.errors import ProviderError

MOST_NAMED = 50


def check_page(request: HttpRequest, each_context: dict[str, Any]) -> HttpResponse:
    """Show the differences (GET reads only), or repair them (POST)."""
    generation = ensure_generation()
    if request.method == "POST":
        _repair(request, generation)
        return HttpResponseRedirect(reverse("admin:knowledge_indexgeneration_check"))
    differences, problem = _checked(generation)
    context = {
        **each_context,
        "title": "Check the index",
        "generation": generation,
        "differences": differences,
        "problem": problem,
        "misfit": _misfit(),
        **(_named(differences) if differences else {}),
    }
    return TemplateResponse(request, "admin/knowledge/generations_check.html", context)


def _checked(generation: IndexGeneration) -> tuple[Differences | None, str]:
    try:
        return check(generation), ""
    except ProviderError as error:
        return None, str(error)


def _misfit() -> Misfit | None:
    try:
        return other_dimensions()
    except ProviderError:
        # The check itself says that the index or the model is away.
        return None


def _named(differences: Differences) -> dict[str, list[Document]]:
    return {
        "lacking": documents_of(differences.missing)[:MOST_NAMED],
        "told_wrong": documents_of(differences.differing)[:MOST_NAMED],
    }


def _repair(request: HttpRequest, generation: IndexGeneration) -> None:
    """Repair what the index alone needs at once, and have the rest embedded in the background."""
    try:
        # Looked at again: the page may be old.
        differences = check(generation)
        broken = mend(generation, differences)
    except ProviderError as error:
        messages.error(request, f"The index could not be repaired: {error}. Try again.")
        return
    for document in broken:
        ring_for_points(document, generation)
    if not differences.number:
        messages.success(request, "There was nothing to repair.")
        return
    later = (
        f" What is missing of {len(broken)} {'document' if len(broken) == 1 else 'documents'} is "
        "embedded again in the background; check again in a moment."
        if broken
        else ""
    )
    sentences = differences.sentences.number if differences.sentences else 0
    if sentences:
        later += f" {sentences} differences in the index for other languages are mended too."
    messages.success(
        request,
        f"Repaired: {len(differences.surplus)} too many, {len(differences.differing)} with other "
        f"readers or in another place, {len(differences.missing)} missing.{later}",
    )

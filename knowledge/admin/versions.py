"""Two versions of a document beside each other: what was added, removed and reworded."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from knowledge.admin.asking import number_in
from knowledge.admin.differences import compare
from knowledge.models import Document, DocumentVersion


def compare_page(
    request: HttpRequest, document: Document, each_context: dict[str, Any], *, may_change: bool
) -> HttpResponse:
    """Show what differs between the versions `from` and `to`; by default the latest change."""
    versions = list(document.versions.defer("text", "signature").order_by("-number"))
    older, newer = _chosen(request, document, versions)
    context = {
        **each_context,
        "opts": Document._meta,
        "title": f"Versions of {document}",
        "document": document,
        "versions": versions,
        "older": older,
        "newer": newer,
        "newest": versions[0] if versions else None,
        "unread": [version for version in (older, newer) if version and not version.text],
        "may_change": may_change,
    }
    if older and newer and not context["unread"]:
        context["difference"] = compare(older.text, newer.text)
    return TemplateResponse(request, "admin/knowledge/compare.html", context)


def _chosen(
    request: HttpRequest, document: Document, versions: list[DocumentVersion]
) -> tuple[DocumentVersion | None, DocumentVersion | None]:
    by_number = {version.number: version for version in versions}
    newer = by_number.get(number_in(request.GET.get("to", "")))
    older = by_number.get(number_in(request.GET.get("from", "")))
    newer = newer or (versions[0] if versions else None)
    if newer and not older:
        before = [version for version in versions if version.number < newer.number]
        in_use = [version for version in before if version.pk == document.current_version_id]
        older = next(iter(in_use or before), None)
    return older, newer

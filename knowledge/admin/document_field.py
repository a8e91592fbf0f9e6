"""A form field for one document: type a part of its name, the page suggests some."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from knowledge.document_names import NotOneDocument, document_meant, suggestions
from knowledge.models import Document

SCRIPT = "admin/document-search.js"


class DocumentInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # unfold has no types
    """A text field that tells the page's script where to ask for suggestions."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the address."""
        more = {"data-documents": reverse("admin:knowledge_goldenquestion_documents")}
        context: dict[str, Any] = super().get_context(name, value, {**(attrs or {}), **more})
        return context


class DocumentField(forms.CharField):
    """Cleans to a Document, by path, title, a part of either, or id."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DocumentInput(attrs={"autocomplete": "off"}))
        kwargs.setdefault("help_text", "Write a part of its title or path, then choose.")
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Document | None:
        """Return the document; None when the field is empty and may be."""
        words: str = super().clean(value)
        if not words:
            return None
        try:
            return document_meant(words)
        except NotOneDocument as error:
            raise forms.ValidationError(str(error)) from error


def suggested(request: HttpRequest) -> JsonResponse:
    """Return documents that `q` may mean, for the field's list."""
    return JsonResponse({"documents": suggestions(request.GET.get("q", ""))})

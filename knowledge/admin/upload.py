"""The upload page: many files at once, each with its own result."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Literal, TypedDict

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from knowledge.admin.people import OwnerField
from knowledge.admin.states import State, state_of
from knowledge.ingestion.sniffing import READABLE
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.intake import PublishedAlready
from knowledge.models import Audience, Collection, Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION
from knowledge.unpacking import Piece, pieces, submit_piece

logger = logging.getLogger(__name__)


class FileResult(TypedDict):
    """What became of one file. `reason` is a sentence; `state` is there once it is a document."""

    name: str
    outcome: Literal["accepted", "unchanged", "failed"]
    reason: str
    url: str
    document: str
    state: State | None


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes many."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Many files, each which the intake judges."""

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files, so that each gets its own line."""
        # An empty file is falsy; it is kept all the same.
        files = [file for file in (data or []) if file is not None]
        if not files:
            raise forms.ValidationError("Choose at least one file.")
        return files


class UploadForm(forms.Form):
    """Where the files go, who may read them, and from when on."""

    uploads = FilesField(label="Files", widget=SeveralFiles())
    collection = forms.ModelChoiceField(
        Collection.objects.all(),
        to_field_name="slug",
        widget=UnfoldAdminSelectWidget(),
        empty_label=None,
    )
    audiences = forms.ModelMultipleChoiceField(
        Audience.objects.all(),
        required=False,
        help_text="Who may get answers from these files. None chosen: the collection's readers.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    owner = OwnerField(help_text="Looks after new documents. Known ones keep their owner.")
    later = forms.BooleanField(
        required=False,
        label="Publish later",
        help_text="Read and index the files, but give no customer answers from them until you "
        "publish them",
        widget=UnfoldBooleanWidget(),
    )


def upload_page(request: HttpRequest, each_context: dict[str, Any]) -> HttpResponse:
    """Take files in. The page's script sends them one by one and wants JSON."""
    first = {"collection": DEFAULT_COLLECTION, "owner": request.user.pk}
    form = UploadForm(request.POST or None, request.FILES or None, initial=first)
    results: list[FileResult] = []
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        results = [line for file in chosen["uploads"] for line in take(file, chosen)]
    if request.headers.get("Accept", "").startswith("application/json"):
        problems = [str(text) for texts in form.errors.values() for text in texts]
        return JsonResponse(
            {"results": results, "problems": problems}, status=200 if form.is_valid() else 400
        )
    context = {
        **each_context,
        "title": "Upload documents",
        "form": form,
        "results": results,
        "readable": READABLE,
        "megabytes": settings.UPLOAD_MAX_BYTES // (1024 * 1024),
        "most_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return TemplateResponse(request, "admin/knowledge/upload.html", context)


def take(file: UploadedFile[Any], chosen: dict[str, Any]) -> list[FileResult]:
    """Hand one file to the intake; each file in a ZIP has a line too.

    Never raises: what goes wrong is the file's own line.

    `chosen` is what the form holds: collection, audiences, owner, later.
    """
    name = Path(file.name or "unnamed").name
    content: bytes | Path
    if isinstance(file, TemporaryUploadedFile):
        content = Path(file.temporary_file_path())
    else:
        content = file.read()
    return [_taken(piece, chosen) for piece in pieces(name, content)]


def _taken(piece: Piece, chosen: dict[str, Any]) -> FileResult:
    name, owner = piece.shown, chosen.get("owner")
    try:
        submitted = submit_piece(
            piece,
            collection=chosen["collection"].slug,
            audiences=[audience.slug for audience in chosen["audiences"]] or None,
            published=not chosen.get("later"),
            owner_id=owner.pk if owner else None,
        )
    except (DocumentUnreadable, PublishedAlready) as error:
        return _line(name, "failed", str(error))
    except (OSError, DatabaseError):
        logger.exception("upload not stored")
        reason = "The file could not be stored. Check the disk's space, then upload it again."
        return _line(name, "failed", reason)
    document = submitted.document
    if submitted.unchanged:
        return _line(name, "unchanged", "Same as last time; nothing to do.", document)
    if document.status == DocumentStatus.FAILED:
        return _line(name, "failed", state_of(document)["detail"], document)
    return _line(name, "accepted", "Stored; it is read in the background.", document)


def _line(
    name: str,
    outcome: Literal["accepted", "unchanged", "failed"],
    reason: str,
    document: Document | None = None,
) -> FileResult:
    return FileResult(
        name=name,
        outcome=outcome,
        reason=reason,
        url=reverse("admin:knowledge_document_change", args=[document.pk]) if document else "",
        document=str(document.pk) if document else "",
        state=state_of(document) if document and outcome == "accepted" else None,
    )

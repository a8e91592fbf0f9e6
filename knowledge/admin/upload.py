"""The upload page: many files at once, each with its own result."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from knowledge.admin.states import state_of
from knowledge.ingestion.sniffing import READABLE
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.intake import IN_ARCHIVE, Submitted, submit
from knowledge.models import Audience, Collection, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION

logger = logging.getLogger(__name__)


class FileResult(TypedDict):
    """What became of one file. `reason` is a sentence."""

    name: str
    outcome: Literal["accepted", "unchanged", "failed"]
    reason: str
    url: str


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
    """Where the files go and who may read them."""

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


def upload_page(request: HttpRequest, each_context: dict[str, Any]) -> HttpResponse:
    """Take files in. The page's script sends them one by one and wants JSON."""
    form = UploadForm(
        request.POST or None, request.FILES or None, initial={"collection": DEFAULT_COLLECTION}
    )
    results: list[FileResult] = []
    if request.method == "POST" and form.is_valid():
        results = [
            result
            for file in form.cleaned_data["uploads"]
            for result in take(
                file, form.cleaned_data["collection"], form.cleaned_data["audiences"]
            )
        ]
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
    }
    return TemplateResponse(request, "admin/knowledge/upload.html", context)


def take(
    file: UploadedFile[Any], collection: Collection, audiences: Sequence[Audience]
) -> list[FileResult]:
    """Hand one file to the intake; each file in a ZIP has a line too.

    Never raises: what goes wrong is the file's own line.
    """
    name = Path(file.name or "unnamed").name
    content: bytes | Path
    if isinstance(file, TemporaryUploadedFile):
        content = Path(file.temporary_file_path())
    else:
        content = file.read()
    slugs = [audience.slug for audience in audiences] or None
    try:
        submitted = submit(name=name, content=content, collection=collection.slug, audiences=slugs)
    except DocumentUnreadable as error:
        return [FileResult(name=name, outcome="failed", reason=str(error), url="")]
    except (OSError, DatabaseError):
        logger.exception("upload not stored")
        reason = "The file could not be stored. Check the disk's space, then upload it again."
        return [FileResult(name=name, outcome="failed", reason=reason, url="")]
    return [_result(name, one) for one in submitted]


def _result(name: str, submitted: Submitted) -> FileResult:
    document = submitted.document
    name = f"{name}{IN_ARCHIVE}{submitted.member}" if submitted.member else name
    url = reverse("admin:knowledge_document_change", args=[document.pk])
    if submitted.unchanged:
        return FileResult(
            name=name, outcome="unchanged", reason="Same as last time; nothing to do.", url=url
        )
    if document.status == DocumentStatus.FAILED:
        return FileResult(name=name, outcome="failed", reason=state_of(document)["detail"], url=url)
    return FileResult(
        name=name, outcome="accepted", reason="Stored; it is read in the background.", url=url
    )

"""`manage.py document`: what was read out of a file."""

from __future__ import annotations

import uuid
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from knowledge.actions.defaults import ensure_generation
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.management.preparing import PreparedCommand
from knowledge.models import Document
from knowledge.working import preparation
from providers.errors import ProviderError


class Command(PreparedCommand):
    """Show a stored document, or read a file without storing it."""

    help = "Show what was read out of a document, or would be read out of a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the path or id."""
        super().add_arguments(parser)
        parser.add_argument("document", metavar="PATH_OR_ID")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Return the document's text, chunks and state."""
        given: str = options["document"]
        stored = _stored(given)
        if stored is not None:
            return stored_result(stored), 0
        file = Path(given).expanduser()
        if not file.is_file():
            raise self.wrong_usage(f"There is no document and no file {given}.")
        result = _file_result(file)
        return result, 1 if result["error"] else 0


def _stored(given: str) -> Document | None:
    try:
        return Document.objects.filter(pk=uuid.UUID(given)).first()
    except ValueError:
        pass
    # A path that was ingested is known under its last folders.
    name = str(Path(given))
    documents = Document.objects.filter(path__in=_suffixes(name)).order_by("-updated_at")
    return max(documents, key=lambda document: len(document.path), default=None)


def _suffixes(name: str) -> list[str]:
    parts = Path(name).parts
    return ["/".join(parts[start:]) for start in range(len(parts))]


def stored_result(document: Document) -> dict[str, Any]:
    """Return a stored document as the command shows it."""
    version = document.current_version
    generation = ensure_generation()
    chunks = list(version.chunks.filter(generation=generation)) if version else []
    return {
        "id": str(document.pk),
        "title": document.title,
        "path": document.path,
        "status": str(document.status),
        "error": document.error,
        "audiences": sorted(document.audiences.values_list("slug", flat=True)),
        "version": version.number if version else 0,
        "findings": version.findings if version else [],
        "text": version.text if version else "",
        "chunks": [
            {"heading": " > ".join(chunk.headings), "page": chunk.page, "text": chunk.text}
            for chunk in chunks
        ],
    }


def _file_result(file: Path) -> dict[str, Any]:
    result: dict[str, Any] = {
        "id": None, "title": "", "path": str(file), "status": "not stored", "error": "",
        "audiences": [], "version": 0, "findings": [], "text": "", "chunks": [],
    }  # fmt: skip
    try:
        read = preparation().read(file.name, file.absolute())
    except (DocumentUnreadable, ProviderError) as error:
        return {**result, "status": "failed", "error": str(error)}
    chunks = [
        {"heading": " > ".join(draft.headings), "page": draft.page, "text": draft.text}
        for draft in read.chunks
    ]
    return {
        **result, "title": read.title, "text": read.text, "chunks": chunks,
        "findings": [finding.as_json() for finding in read.findings],
    }  # fmt: skip

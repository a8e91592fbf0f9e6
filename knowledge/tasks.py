"""The ingestion queue's doorbell."""

from __future__ import annotations

import uuid

from celery import shared_task

from knowledge.actions import comparison
from knowledge.models import Document
from knowledge.working import work_on


@shared_task(name="knowledge.tasks.ingest_document")
def ingest_document(document_id: str) -> None:
    """Make one document ready, unless somebody else has it."""
    work_on(uuid.UUID(document_id))


@shared_task(name="knowledge.tasks.compare_document")
def compare_document(document_id: str) -> None:
    """Hold a document that became ready against the others; a deleted one is no error."""
    document = Document.objects.filter(pk=uuid.UUID(document_id)).first()
    if document is not None:
        comparison.compare_document(document)


@shared_task(name="knowledge.tasks.compare_everything")
def compare_everything() -> None:
    """Hold every document against the others."""
    comparison.compare_everything()

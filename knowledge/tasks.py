"""The ingestion queue's doorbell."""

from __future__ import annotations

import uuid

from celery import shared_task

from knowledge.working import work_on


@shared_task(name="knowledge.tasks.ingest_document")
def ingest_document(document_id: str) -> None:
    """Make one document ready, unless somebody else has it."""
    work_on(uuid.UUID(document_id))

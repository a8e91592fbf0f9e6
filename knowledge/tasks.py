"""The ingestion queue's doorbells."""

from __future__ import annotations

import uuid

from celery import shared_task

from knowledge.building import build_for
from knowledge.intake import ring_for_generation
from knowledge.models import GenerationState
from knowledge.queue_watch import saw_queue
from knowledge.working import work_on


@shared_task(name="knowledge.tasks.ingest_document")
def ingest_document(document_id: str) -> None:
    """Make one document ready, unless somebody else has it."""
    saw_queue()
    work_on(uuid.UUID(document_id))
    saw_queue()


@shared_task(name="knowledge.tasks.build_generation")
def build_generation(generation_id: int) -> None:
    """Work on a generation for a while, then ring again, behind whatever came meanwhile."""
    saw_queue()
    generation = build_for(generation_id)
    if generation is not None and generation.state == GenerationState.BUILDING:
        ring_for_generation(generation)


@shared_task(name="knowledge.tasks.show_life")
def show_life() -> None:
    """Show that somebody consumes this queue."""
    saw_queue()

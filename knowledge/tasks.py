"""The doorbells of two queues: ingestion, and sources, which must not keep documents waiting."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task

from knowledge import working_sources
from knowledge.actions import comparison
from knowledge.building import build_for, compare_again
from knowledge.filling import fill_for
from knowledge.ingestion.process import PreparationStopped
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.intake import ring_for_generation, ring_for_sentences
from knowledge.models import Document, GenerationState, IndexGeneration
from knowledge.queue_watch import SOURCES, saw_queue
from knowledge.reconciliation import write_again
from knowledge.working import work_on
from providers.errors import ProviderError

logger = logging.getLogger(__name__)


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


@shared_task(name="knowledge.tasks.fill_sentences")
def fill_sentences(index_id: int) -> None:
    """Work on a second index for a while, then ring again, behind whatever came meanwhile."""
    saw_queue()
    if fill_for(index_id):
        ring_for_sentences(index_id)


@shared_task(name="knowledge.tasks.compare_generation")
def compare_generation(generation_id: int) -> None:
    """Ask the golden questions again."""
    saw_queue()
    compare_again(generation_id)


@shared_task(name="knowledge.tasks.write_points_again")
def write_points_again(document_id: str, generation_id: int) -> None:
    """Give a document its points in a generation's index back."""
    saw_queue()
    document = Document.objects.filter(pk=uuid.UUID(document_id)).first()
    generation = IndexGeneration.objects.filter(pk=generation_id).first()
    if document is None or generation is None:
        return
    try:
        write_again(document, generation)
    except (DocumentUnreadable, ProviderError, PreparationStopped) as error:
        # The next check of the index finds them missing still.
        extra = {"document": document_id, "error": f"{type(error).__name__}: {error}"}
        logger.warning("points.not_written", extra=extra)
    saw_queue()


@shared_task(name="knowledge.tasks.show_life")
def show_life() -> None:
    """Show that somebody consumes this queue."""
    saw_queue()


@shared_task(name="knowledge.tasks.run_source")
def run_source(source_id: int) -> None:
    """Read one source, unless it is not due or somebody else has it."""
    saw_queue(SOURCES)
    working_sources.run_source(source_id)
    saw_queue(SOURCES)


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

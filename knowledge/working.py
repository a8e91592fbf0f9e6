"""One document from claimed to ready, held or failed: the Celery task and the commands both."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from knowledge.actions.committing import GenerationChanged, Work
from knowledge.actions.defaults import ensure_generation
from knowledge.actions.documents import (
    LEASE_SECONDS,
    MOST_LOSSES,
    TOO_MANY_LOSSES,
    clear_up,
    hold,
    mark_failed,
    mark_step,
    requeue,
)
from knowledge.actions.indexing import TakenOver, count_embedded, index_document
from knowledge.ingestion.process import PreparationStopped, Report
from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument
from knowledge.models import Document, DocumentVersion, IndexGeneration
from knowledge.preparation import preparation as preparation
from knowledge.sparing import sparing
from providers.errors import ProviderError

logger = logging.getLogger(__name__)
# What to do next has to fit behind it.
MOST_DETAIL_CHARACTERS = 800


def work_on(document_id: uuid.UUID) -> bool:
    """Claim a document and make it ready; False when there was nothing to claim."""
    document = claim(document_id)
    if document is None:
        return False
    with answering_for(document):
        report = shown(document)
        work = read_in(document, report)
        if work is not None:
            index_document(*work, report)
    return True


def claim(document_id: uuid.UUID) -> Document | None:
    """Take a document for this worker, or return None when there is nothing to take."""
    return Document.objects.claim(document_id, timezone.now(), LEASE_SECONDS)


def shown(document: Document) -> Report:
    """Return what shows a document's progress, at most twice a second from now on."""
    # The claim has shown that it is being read.
    return sparing(partial(mark_step, document), reported=True)


@contextmanager
def answering_for(document: Document) -> Iterator[None]:
    """Write down what became of a claimed document when something ends the work on it."""
    try:
        yield
    except TakenOver:
        logger.info("document.taken_over", extra={"document": str(document.pk)})
        clear_up(document)
    except (PreparationStopped, GenerationChanged):
        requeue(document)
    except DocumentUnreadable as error:
        mark_failed(document, str(error))
    except ProviderError as error:
        mark_failed(document, _from_outside(error))
    except Exception as error:
        logger.exception("document.failed", extra={"document": str(document.pk)})
        mark_failed(
            document, f"Something went wrong on our side ({type(error).__name__}). Press Retry."
        )
        raise
    except BaseException:
        # Ctrl-C: the next one need not wait for the lease to run out.
        requeue(document)
        raise


def _from_outside(error: ProviderError) -> str:
    """Return the sentence for a failure that is none of the file's."""
    detail = error.detail[:MOST_DETAIL_CHARACTERS]
    ending = "" if detail.endswith((".", "?")) else "."
    return f"It could not be made ready: {detail}{ending} Run manage.py doctor, then press Retry."


def prepare_version(
    version: DocumentVersion, generation: IndexGeneration, report: Report
) -> PreparedDocument:
    """Have a version's stored file read and embedded for a generation of the index.

    Raises DocumentUnreadable, EmbedderUnavailable, PreparationStopped, and what `report` raises.
    """
    file = Path(settings.MEDIA_ROOT) / version.stored_name
    if not file.exists():
        raise DocumentUnreadable("The stored file is missing. Upload it again.")
    prepared = preparation().prepare(
        version.source_name,
        file,
        version.given_title,
        report,
        model=generation.embedding_model,
        chunk_tokens=generation.chunk_tokens,
        holding=version.released_at is None,
        language=version.document.given_language,
    )
    count_embedded(version, prepared)
    return prepared


def read_in(document: Document, report: Report) -> tuple[Work, IndexGeneration] | None:
    """Read and embed a claimed document's newest version; None when it is held for an operator.

    Raises what `prepare_version` raises, and TakenOver.
    """
    if document.losses >= MOST_LOSSES:
        raise DocumentUnreadable(TOO_MANY_LOSSES)
    version = document.versions.order_by("-number").first()
    if version is None:
        raise DocumentUnreadable("The file is missing. Upload it again.")
    generation = ensure_generation()
    prepared = prepare_version(version, generation, report)
    if prepared.holds and version.released_at is None:
        hold(document, version, prepared)
        return None
    return Work(document, version, prepared), generation

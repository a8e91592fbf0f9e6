"""One document from claimed to ready or failed: what the Celery task and the commands both do."""

from __future__ import annotations

import logging
import uuid
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from knowledge.actions.documents import (
    LEASE_SECONDS,
    TakenOver,
    clear_up,
    index_document,
    mark_failed,
    mark_step,
    requeue,
)
from knowledge.ingestion.process import PreparationProcess, PreparationStopped
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.models import Document
from providers.errors import ProviderError
from providers.once import once

logger = logging.getLogger(__name__)


@once
def preparation() -> PreparationProcess:
    """Return this process's child for reading and embedding; it starts at first use."""
    options = settings.PROVIDERS["embeddings"]["OPTIONS"]
    return PreparationProcess(options["model"], Path(options["cache_folder"]))


def work_on(document_id: uuid.UUID) -> bool:
    """Claim a document and make it ready; False when there was nothing to claim."""
    document = Document.objects.claim(document_id, timezone.now(), LEASE_SECONDS)
    if document is None:
        return False
    try:
        _ingest(document)
    except TakenOver:
        logger.info("document.taken_over", extra={"document": str(document.pk)})
        clear_up(document)
    except PreparationStopped:
        requeue(document)
    except (DocumentUnreadable, ProviderError) as error:
        mark_failed(document, str(error))
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
    return True


def _ingest(document: Document) -> None:
    version = document.versions.order_by("-number").first()
    if version is None:
        raise DocumentUnreadable("The file is missing. Upload it again.")
    file = Path(settings.MEDIA_ROOT) / version.stored_name
    if not file.exists():
        raise DocumentUnreadable("The stored file is missing. Upload it again.")
    prepared = preparation().prepare(
        version.source_name,
        file,
        version.given_title,
        lambda step: mark_step(document, step),
    )
    index_document(document, version, prepared)

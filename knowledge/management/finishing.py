"""Documents that a command queued are made ready here, or by the server that runs."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from knowledge.gathering import gathering
from knowledge.models import Document, DocumentStatus
from knowledge.wiring import indexes
from knowledge.working import preparation, work_on

POLL_SECONDS = 0.3
# A database takes only so many values in one question.
ASKED_AT_ONCE = 500
FINISHED = (
    DocumentStatus.INDEXED,
    DocumentStatus.FAILED,
    DocumentStatus.HELD,
    DocumentStatus.WITHDRAWN,
)


def finish_documents(documents: Iterable[Document], stream: Any) -> None:
    """Work on documents that are not finished, or wait until the server has; show progress."""
    waiting = _unfinished(list(documents))
    progress = tqdm(total=len(waiting), disable=None, file=stream, unit="document")
    here = bool(waiting) and indexes().owns_index
    with gathering() as gathered:
        for document in waiting:
            if here:
                gathered.work_on(document.pk)
            else:
                _wait_for(document)
            progress.update()
    progress.close()
    if here:
        preparation().stop()
        preparation.cache_clear()


def _unfinished(documents: Sequence[Document]) -> list[Document]:
    """Return those that are not finished, with one question for each portion."""
    left: set[uuid.UUID] = set()
    for start in range(0, len(documents), ASKED_AT_ONCE):
        some = [document.pk for document in documents[start : start + ASKED_AT_ONCE]]
        rows = Document.objects.filter(pk__in=some).exclude(status__in=FINISHED)
        left.update(rows.values_list("pk", flat=True))
    return [document for document in documents if document.pk in left]


def _open(document: Document) -> bool:
    document.refresh_from_db()
    return document.status not in FINISHED


def _wait_for(document: Document) -> None:
    """Wait for the server's worker; a server that dies is noticed by the index having no owner."""
    while _open(document):
        time.sleep(POLL_SECONDS)
        if indexes().owns_index:
            Document.objects.filter(pk=document.pk).update(lease_until=timezone.now())
            work_on(document.pk)

"""What happens to documents: indexed, failed, withdrawn, tried again, shown to others."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.actions.defaults import ensure_audiences
from knowledge.ingestion.values import PreparedDocument, Step
from knowledge.models import Chunk, Document, DocumentStatus, DocumentVersion
from knowledge.wiring import embedder, vector_store
from providers.errors import ProviderError
from providers.vector_store.base import Point

logger = logging.getLogger(__name__)
LEASE_SECONDS = 60.0
INDEX_BATCH = 32


class TakenOver(Exception):
    """Another worker has this document now; this one must write nothing more."""


def mark_step(document: Document, step: Step) -> None:
    """Show progress and prolong the lease. Raises TakenOver."""
    now = timezone.now()
    changed = Document.objects.held_by(document).update(
        status=DocumentStatus(step.stage),
        progress_done=step.done,
        progress_total=step.total,
        lease_until=now + timedelta(seconds=LEASE_SECONDS),
        updated_at=now,
    )
    if not changed:
        raise TakenOver


def index_document(
    document: Document, version: DocumentVersion, prepared: PreparedDocument
) -> None:
    """Write the points, then the rows with the commit marker, then drop what is old.

    A crash at any moment leaves the former version served; points that no row names are never
    shown, since every passage is checked against the database. Raises TakenOver, ProviderError.
    """
    store = vector_store()
    former = store.point_ids(str(document.pk))
    readers = _readers(document)
    points = _points(document, version, prepared, readers)
    for start in range(0, len(points), INDEX_BATCH):
        mark_step(document, Step("indexing", start, len(points)))
        store.upsert(points[start : start + INDEX_BATCH])
    _commit(document, version, prepared)
    store.delete_points(former - {point.id for point in points})
    if _readers(document) != readers:
        # They were changed while the points were on their way.
        push_audiences(document)


def mark_failed(document: Document, reason: str) -> None:
    """Record why a document could not be made ready; the former version stays served."""
    Document.objects.held_by(document).update(
        status=DocumentStatus.FAILED,
        error=reason[:1000],
        lease_until=None,
        updated_at=timezone.now(),
    )


def requeue(document: Document) -> None:
    """Put a document back into the queue without counting it as a failure."""
    Document.objects.held_by(document).update(status=DocumentStatus.QUEUED, lease_until=None)


def queue(document: Document) -> None:
    """Have the newest version made ready; whoever works on the document now writes no more."""
    Document.objects.filter(pk=document.pk).update(
        status=DocumentStatus.QUEUED,
        attempt=F("attempt") + 1,
        error="",
        lease_until=None,
        progress_done=0,
        progress_total=0,
        updated_at=timezone.now(),
    )


def retry(document: Document) -> bool:
    """Queue a failed or withdrawn document again; False when there is no file to read."""
    if not document.versions.exists():
        return False
    queue(document)
    return True


def withdraw(document: Document) -> None:
    """Take a document out of all answers; its versions and file stay."""
    Document.objects.filter(pk=document.pk).update(
        status=DocumentStatus.WITHDRAWN,
        attempt=F("attempt") + 1,
        error="",
        lease_until=None,
        updated_at=timezone.now(),
    )
    _drop_points(document)


def delete(document: Document) -> None:
    """Remove a document with its versions, chunks, points, and files that no other one has."""
    # Fences whoever works on it, so that no points come back after it is gone.
    withdraw(document)
    with transaction.atomic():
        names = set(document.versions.values_list("stored_name", flat=True))
        document.delete()
        shared = DocumentVersion.objects.filter(stored_name__in=names)
        for name in names - set(shared.values_list("stored_name", flat=True)):
            (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)


def clear_up(document: Document) -> None:
    """Drop what a worker wrote for a document that was withdrawn or deleted meanwhile."""
    served = Document.objects.exclude(status=DocumentStatus.WITHDRAWN)
    if not served.filter(pk=document.pk).exists():
        _drop_points(document)


def change_audiences(document: Document, audiences: Sequence[str]) -> None:
    """Change who may read a document; nothing is embedded again."""
    with transaction.atomic():
        document.audiences.set(ensure_audiences(list(audiences)))
        transaction.on_commit(lambda: push_audiences(document), robust=True)


def push_audiences(document: Document) -> None:
    """Bring the index in line with the document's audiences.

    Until this has happened the database still decides what a reader sees.
    """
    vector_store().set_audiences(str(document.pk), _readers(document))


def _readers(document: Document) -> list[str]:
    return sorted(document.audiences.values_list("slug", flat=True))


def _drop_points(document: Document) -> None:
    try:
        vector_store().delete_documents([str(document.pk)])
    except ProviderError as error:
        # The rows already keep its points from being shown.
        logger.warning("document.points_left", extra={"error": type(error).__name__})


def _points(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    readers: Sequence[str],
) -> list[Point]:
    return [
        Point(
            id=str(chunk_id(version, draft.ordinal)),
            document=str(document.pk),
            collection=document.collection.slug,
            audiences=tuple(readers),
            dense=[float(x) for x in vector],
            sparse=sparse,
        )
        for draft, vector, sparse in zip(
            prepared.chunks, prepared.dense, prepared.sparse, strict=True
        )
    ]


def chunk_id(version: DocumentVersion, ordinal: int) -> uuid.UUID:
    """Return the same id for the same chunk each time, so that a second run writes over it."""
    return uuid.uuid5(version.pk, str(ordinal))


@transaction.atomic
def _commit(document: Document, version: DocumentVersion, prepared: PreparedDocument) -> None:
    held = Document.objects.held_by(document)
    if not held.select_for_update():
        raise TakenOver
    version.chunks.all().delete()
    Chunk.objects.bulk_create(
        Chunk(
            id=chunk_id(version, draft.ordinal),
            version=version,
            ordinal=draft.ordinal,
            headings=list(draft.headings),
            page=draft.page,
            text=draft.text,
            token_count=draft.token_count,
        )
        for draft in prepared.chunks
    )
    version.text = prepared.text
    version.media_type = prepared.media_type
    version.findings = list(prepared.findings)
    version.embedding_model = embedder().name
    version.cpu_seconds = prepared.cpu_seconds
    version.indexed_at = timezone.now()
    version.save()
    changes: dict[str, Any] = {
        "title": prepared.title,
        "language": prepared.language[:10],
        "status": DocumentStatus.INDEXED,
        "error": "",
        "current_version": version,
        "lease_until": None,
        "progress_done": len(prepared.chunks),
        "progress_total": len(prepared.chunks),
        "updated_at": timezone.now(),
    }
    if prepared.url and not document.url:
        changes["url"] = prepared.url
    held.update(**changes)

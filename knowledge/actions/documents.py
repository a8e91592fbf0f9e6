"""What happens to documents: worked on, held, failed, withdrawn, tried again, brought back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from knowledge.actions.committing import DESCRIBED, describe
from knowledge.actions.comparison import forget_comparisons
from knowledge.actions.indexing import TakenOver
from knowledge.actions.words import forget_words
from knowledge.file_bytes import stored_file
from knowledge.ingestion.limits import LEASE_SECONDS as LEASE_SECONDS
from knowledge.ingestion.values import PreparedDocument, Step
from knowledge.models import (
    Chunk,
    Document,
    DocumentStatus,
    DocumentVersion,
    FaqEntry,
    GenerationState,
    IndexGeneration,
)
from knowledge.models.document import WORKING_STATUSES
from knowledge.wiring import sentence_store, vector_store
from providers.errors import ProviderError

logger = logging.getLogger(__name__)
MOST_LOSSES = 3
# Not to be read again before somebody has decided something.
UNREAD = (DocumentStatus.HELD, DocumentStatus.FAILED, DocumentStatus.WITHDRAWN)
TOO_MANY_LOSSES = (
    "The worker was lost three times while it had this document. Split the file or export it "
    "again, then press Retry; if other documents fail too, look at the server's memory."
)


def mark_step(document: Document, step: Step) -> None:
    """Show progress and prolong the lease. Raises TakenOver."""
    if not _mark([document], step, progress_done=step.done, progress_total=step.total):
        raise TakenOver


def mark_stage(documents: Sequence[Document], step: Step) -> None:
    """Show where these documents are and prolong their leases, of those that are held still."""
    _mark(documents, step)


def _mark(documents: Sequence[Document], step: Step, **progress: int) -> int:
    now = timezone.now()
    return Document.objects.held_by_all(documents).update(
        status=DocumentStatus(step.stage),
        lease_until=now + timedelta(seconds=LEASE_SECONDS),
        heartbeat_at=now,
        updated_at=now,
        **progress,
    )


def mark_failed(document: Document, reason: str) -> None:
    """Record why a document could not be made ready; the former version stays served."""
    Document.objects.held_by(document).update(
        status=DocumentStatus.FAILED,
        error=reason[:1000],
        lease_until=None,
        updated_at=timezone.now(),
    )


@transaction.atomic
def hold(document: Document, version: DocumentVersion, prepared: PreparedDocument) -> None:
    """Keep a version out of answers until an operator has decided. Raises TakenOver."""
    held = Document.objects.held_by(document)
    if not held.select_for_update():
        raise TakenOver
    describe(version, prepared)
    version.save(update_fields=list(DESCRIBED))
    number = sum(finding.holds for finding in prepared.findings)
    sentences = "sentence instructs" if number == 1 else "sentences instruct"
    held.update(
        title=prepared.title,
        status=DocumentStatus.HELD,
        error=f"{number} {sentences} the assistant. Read what is marked, then release or withdraw.",
        lease_until=None,
        losses=0,
        updated_at=timezone.now(),
    )


def release(document: Document, user: AbstractBaseUser | None) -> bool:
    """Let the held version answer; False when none is held. What is found again is let through."""
    version = document.versions.order_by("-number").first()
    if version is None or document.status != DocumentStatus.HELD:
        return False
    version.released_at = timezone.now()
    version.released_by_id = user.pk if user else None
    version.save(update_fields=["released_at", "released_by"])
    queue(document)
    return True


def requeue(document: Document) -> None:
    """Put a document back into the queue without counting it as a failure, unless it is done."""
    Document.objects.held_by(document).filter(status__in=WORKING_STATUSES).update(
        status=DocumentStatus.QUEUED, lease_until=None, losses=0
    )


def queue(document: Document) -> None:
    """Have the newest version made ready; whoever works on the document now writes no more."""
    Document.objects.filter(pk=document.pk).update(
        status=DocumentStatus.QUEUED,
        attempt=F("attempt") + 1,
        losses=0,
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


def failed_documents() -> QuerySet[Document]:
    """Return what "retry all" is about: failed ones that have a file."""
    failed = Document.objects.filter(status=DocumentStatus.FAILED)
    return failed.filter(versions__isnull=False).distinct()


@transaction.atomic
def restore(document: Document, version: DocumentVersion) -> DocumentVersion:
    """Bring back an earlier version: its bytes become the newest one, history stays as it was."""
    newest = document.versions.select_for_update().order_by("-number").first()
    if newest is None or newest.pk == version.pk:
        return version
    restored = DocumentVersion.objects.create(
        document=document,
        number=newest.number + 1,
        content_hash=version.content_hash,
        stored_name=version.stored_name,
        source_name=version.source_name,
        given_title=document.title if document.title_edited else version.given_title,
        size_bytes=version.size_bytes,
        updated_on=version.updated_on,
        fingerprint=version.fingerprint,
        released_at=version.released_at,
        released_by=version.released_by,
        restored_from=version.number,
    )
    queue(document)
    return restored


def rename(document: Document, title: str) -> bool:
    """Give a document another title; True when it is queued, because titles are searched.

    It is kept when the file or page is read again. A document that does not answer now gets its
    title into the index when it is next read.
    """
    others = Document.objects.filter(pk=document.pk).exclude(title=title)
    changed = others.update(title=title, title_edited=True, updated_at=timezone.now())
    newest = document.versions.order_by("-number").first()
    if not changed or newest is None:
        return False
    document.versions.filter(pk=newest.pk).update(given_title=title[:500])
    document.refresh_from_db(fields=["status"])
    if document.status in UNREAD:
        return False
    queue(document)
    return True


def change_language(document: Document, language: str) -> bool:
    """Say which language a document is in, "" to have it detected; True when it is queued.

    Words are stemmed by it, so the document is indexed again. One that does not answer now is when
    it is next read.
    """
    others = Document.objects.filter(pk=document.pk).exclude(given_language=language)
    if not others.update(given_language=language, updated_at=timezone.now()):
        return False
    document.refresh_from_db(fields=["given_language", "status"])
    newest = document.versions.exists()
    if not newest or document.status in UNREAD:
        return False
    queue(document)
    return True


def withdraw(document: Document) -> None:
    """Take a document out of all answers; its versions and file stay."""
    with transaction.atomic():
        forget_words(document)
        Document.objects.filter(pk=document.pk).update(
            status=DocumentStatus.WITHDRAWN,
            attempt=F("attempt") + 1,
            error="",
            lease_until=None,
            updated_at=timezone.now(),
        )
    forget_comparisons(document)
    _drop_points(document)


def delete(document: Document) -> None:
    """Remove a document with its versions, chunks, points, and files that no other one has.

    Raises ValueError, and removes nothing, when a version names no file of ours.
    """
    names = set(document.versions.values_list("stored_name", flat=True))
    files = {name: stored_file(name) for name in names}
    # Fences whoever works on it, so that no points come back after it is gone.
    withdraw(document)
    with transaction.atomic():
        FaqEntry.objects.filter(document=document).delete()
        document.delete()
        shared = DocumentVersion.objects.filter(stored_name__in=names)
        for name in names - set(shared.values_list("stored_name", flat=True)):
            files[name].unlink(missing_ok=True)


def clear_up(document: Document) -> None:
    """Drop what a worker wrote for a document that was withdrawn or deleted meanwhile."""
    served = Document.objects.exclude(status=DocumentStatus.WITHDRAWN)
    if not served.filter(pk=document.pk).exists():
        _drop_points(document)


def _drop_points(document: Document) -> None:
    for generation in IndexGeneration.objects.kept():
        try:
            vector_store(generation).delete_documents([str(document.pk)])
            sentence_store(generation).delete_documents([str(document.pk)])
        except ProviderError as error:
            # The rows already keep its points from being shown.
            logger.warning("document.points_left", extra={"error": type(error).__name__})
    # What an old generation had of it is gone, and its rows must not say otherwise.
    chunks = Chunk.objects.filter(version__document=document)
    chunks.exclude(generation__state=GenerationState.CURRENT).delete()

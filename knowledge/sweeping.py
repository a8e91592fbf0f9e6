"""Rings again for what waits or was left behind, and keeps the index in time. Database only."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from knowledge.actions.readers import push_due_readers
from knowledge.actions.sentences import missing_sentences
from knowledge.intake import (
    ring,
    ring_for_generation,
    ring_for_life,
    ring_for_sentences,
    ring_for_source,
    ring_to_compare,
)
from knowledge.models import Document, DocumentStatus, IndexGeneration, SentenceIndex, Source
from knowledge.models.document import WORKING_STATUSES

# Ringing for more than a few at once only fills the broker; the next sweep rings for the others.
AT_ONCE = 4
# Signs of life and times of validity need no second's precision.
SLOW_SECONDS = 15.0


class Pace:
    """Lets something happen at most so often in this process."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._next = 0.0

    def is_due(self) -> bool:
        """Say whether it is time, once."""
        with self._lock:
            now = time.monotonic()
            if now < self._next:
                return False
            self._next = now + self._seconds
            return True


_slow = Pace(SLOW_SECONDS)
# Comparing computes in the process that answers customers, so it takes its time.
COMPARE_SECONDS = 3.0
_comparing = Pace(COMPARE_SECONDS)
# A source whose worker is busy need not be rung for every second.
RING_AGAIN_SECONDS = 10.0
_rung_at: dict[int, float] = {}


def sweep_documents() -> int:
    """Ring for the oldest waiting documents; return for how many."""
    waiting = list(Document.objects.waiting(timezone.now()).order_by("updated_at")[:AT_ONCE])
    for document in waiting:
        ring(document)
    return len(waiting)


def sweep_generations() -> int:
    """Ring for generations that nobody works on; return for how many."""
    waiting = list(IndexGeneration.objects.to_build(timezone.now()))
    for generation in waiting:
        ring_for_generation(generation)
    return len(waiting)


def sweep_sentences() -> int:
    """Ring for second indexes that nobody works on; return for how many."""
    if not settings.OTHER_LANGUAGES:
        return 0
    waiting = list(SentenceIndex.objects.to_fill(timezone.now()).values_list("pk", flat=True))
    for pk in waiting[:AT_ONCE]:
        ring_for_sentences(pk)
    return len(waiting)


def _ring_for_lacking() -> None:
    """Ring for second indexes that lack a document: it was indexed as they were begun."""
    if settings.OTHER_LANGUAGES:
        for index in SentenceIndex.objects.free(timezone.now()).exclude(ready_at=None):
            if missing_sentences(index).exists():
                ring_for_sentences(index.pk)


def sweep_slowly() -> int:
    """Now and then: ask for a sign of life while documents wait, and see to validity."""
    if not _slow.is_due():
        return 0
    if Document.objects.filter(status=DocumentStatus.QUEUED).exists():
        ring_for_life(SLOW_SECONDS)
    _ring_for_lacking()
    return push_due_readers(timezone.now())


def sweep_comparisons() -> int:
    """Ring for a ready document that was not held against the others yet; return for how many.

    Only while no document waits to be read: what customers can be answered from comes first.
    """
    if not _comparing.is_due():
        return 0
    busy = Document.objects.filter(status__in=[DocumentStatus.QUEUED, *WORKING_STATUSES])
    if busy.exists():
        return 0
    ready = Document.objects.filter(status=DocumentStatus.INDEXED, current_version__text_hash="")
    waiting = list(ready.order_by("updated_at")[:1])
    for document in waiting:
        ring_to_compare(document)
    return len(waiting)


def void_document_leases() -> int:
    """Queue again what a dead process was working on. Only for a start with nobody else alive."""
    IndexGeneration.objects.update(lease_until=None)
    SentenceIndex.objects.filter(error="").update(lease_until=None)
    left = Document.objects.filter(status__in=WORKING_STATUSES)
    return left.update(status=DocumentStatus.QUEUED, lease_until=None)


def sweep_sources() -> int:
    """Ring for the sources that are due or were left behind; return for how many."""
    now = time.monotonic()
    due = set(Source.objects.due(timezone.now()).values_list("pk", flat=True))
    for pk in set(_rung_at) - due:
        del _rung_at[pk]
    waiting = [
        pk for pk in due if now - _rung_at.get(pk, -RING_AGAIN_SECONDS) >= RING_AGAIN_SECONDS
    ]
    for pk in waiting:
        _rung_at[pk] = now
        ring_for_source(pk)
    return len(waiting)


def void_source_leases() -> int:
    """Have what a dead process was reading taken up again. Only with nobody else alive."""
    ended = timezone.now() - timedelta(seconds=1)
    return Source.objects.filter(running=True).update(lease_until=ended)

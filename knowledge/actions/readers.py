"""Who may read a document, told to the index. The database decides; the index only saves work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledge.actions.defaults import ensure_audiences
from knowledge.models import Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.values import UNPUBLISHED
from knowledge.wiring import vector_store


def readers_of(document: Document) -> tuple[str, ...]:
    """Return what the index should hold: the audiences, or that it answers nobody now."""
    if not Document.objects.published(timezone.now()).filter(pk=document.pk).exists():
        return (UNPUBLISHED,)
    return tuple(sorted(document.audiences.values_list("slug", flat=True)))


def change_audiences(document: Document, audiences: Sequence[str]) -> None:
    """Change who may read a document; nothing is embedded again."""
    with transaction.atomic():
        document.audiences.set(ensure_audiences(list(audiences)))
        transaction.on_commit(lambda: push_readers(document), robust=True)


def publish(document: Document, published: bool) -> None:
    """Let a document answer customers, or not; nothing is embedded again."""
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(
            published=published, updated_at=timezone.now()
        )
        transaction.on_commit(lambda: push_readers(document), robust=True)


def push_readers(document: Document) -> None:
    """Bring every generation's index in line with the document's readers.

    Until this has happened the database still decides what a reader sees.
    """
    readers = readers_of(document)
    for generation in IndexGeneration.objects.kept():
        vector_store(generation).set_audiences(str(document.pk), readers)
    Document.objects.filter(pk=document.pk).update(readers_in_index=list(readers))


def push_due_readers(now: datetime) -> int:
    """Tell the index of documents whose time has begun or run out; return of how many."""
    timed = Document.objects.filter(Q(valid_from__lte=now) | Q(valid_until__lte=now))
    number = 0
    for document in timed.exclude(current_version=None).exclude(status=DocumentStatus.WITHDRAWN):
        if list(readers_of(document)) != document.readers_in_index:
            push_readers(document)
            number += 1
    return number

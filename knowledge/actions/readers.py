"""Who may read a document, told to the index. The database decides; the index only saves work."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledge.actions.comparison import compare_later
from knowledge.actions.defaults import ensure_audiences
from knowledge.models import Audience, Collection, Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.values import UNPUBLISHED
from knowledge.wiring import sentence_store, vector_store

# In place of the readers that the index was told: they have changed, and it was not told yet.
# No reader's slug begins like this. If we die before we tell it, the sweeper does.
UNTOLD = "~untold"
# Of many documents changed at once, so many are told at once; the sweeper tells the others. The
# engine takes 24 ms for 500 of five passages each, while nothing else runs in this process.
TOLD_AT_ONCE = 500
# A database takes only so many values in one question.
ASKED_AT_ONCE = 1000


def readers_of(document: Document) -> tuple[str, ...]:
    """Return what the index should hold: the audiences, or that it answers nobody now.

    One without readers answers nobody either, and has to be found by its own probes all the same.
    """
    return readers_of_all([document.pk])[document.pk]


def readers_of_all(documents: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return the same for many documents by their ids, with one question for each portion."""
    slugs: dict[uuid.UUID, list[str]] = {pk: [] for pk in documents}
    for start in range(0, len(documents), ASKED_AT_ONCE):
        portion = documents[start : start + ASKED_AT_ONCE]
        published = Document.objects.published(timezone.now()).filter(pk__in=portion)
        carried = Document.audiences.through.objects.filter(document__in=published)
        rows = carried.order_by("audience__slug").values_list("document", "audience__slug")
        for pk, slug in rows:
            slugs[pk].append(slug)
    return {pk: tuple(found) or (UNPUBLISHED,) for pk, found in slugs.items()}


def change_audiences(document: Document, audiences: Sequence[str]) -> None:
    """Change who may read a document; nothing is embedded again."""
    with transaction.atomic():
        document.audiences.set(ensure_audiences(list(audiences)))
        compare_later([document])
        tell_on_commit([document])


def change_collection_audiences(collection: Collection, audiences: Sequence[str]) -> int:
    """Give a collection and all its documents these readers; return how many documents changed.

    It counts at once for all of them, since the database decides; nothing is embedded again.
    """
    with transaction.atomic():
        wanted = ensure_audiences(list(audiences))
        collection.audiences.set(wanted)
        documents = collection.documents.select_for_update().prefetch_related("audiences")
        changed = [row for row in documents if set(row.audiences.all()) != set(wanted)]
        _replace_audiences(changed, wanted)
        compare_later(changed)
        tell_on_commit(changed)
    return len(changed)


def change_audiences_of(documents: Sequence[Document], audiences: Sequence[str]) -> None:
    """Change who may read these documents. It counts at once; the index is told in portions."""
    with transaction.atomic():
        _replace_audiences(documents, ensure_audiences(list(audiences)))
        compare_later(documents)
        tell_on_commit(documents)


def publish_all(documents: Sequence[Document], published: bool) -> None:
    """Let these documents answer customers, or not. It counts at once, as above."""
    with transaction.atomic():
        rows = Document.objects.filter(pk__in=[document.pk for document in documents])
        rows.update(published=published, updated_at=timezone.now())
        tell_on_commit(documents)


def publish(document: Document, published: bool) -> None:
    """Let a document answer customers, or not; nothing is embedded again."""
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(
            published=published, updated_at=timezone.now()
        )
        tell_on_commit([document])


def change_validity(
    document: Document, valid_from: datetime | None, valid_until: datetime | None
) -> None:
    """Change from when until when a document answers; nothing is embedded again."""
    with transaction.atomic():
        Document.objects.filter(pk=document.pk).update(
            valid_from=valid_from, valid_until=valid_until, updated_at=timezone.now()
        )
        tell_on_commit([document])


def push_readers(documents: Iterable[Document]) -> None:
    """Bring every generation's index in line with the readers of these documents.

    Documents with the same readers are told in one call each portion. Until this has happened the
    database still decides what a reader sees. Who writes last looks again, so that of two changes
    at once the later change stays.
    """
    wanted = list({document.pk for document in documents})
    for start in range(0, len(wanted), TOLD_AT_ONCE):
        _push_portion(wanted[start : start + TOLD_AT_ONCE])


def _push_portion(documents: Sequence[uuid.UUID]) -> None:
    readers = readers_of_all(documents)
    while readers:
        for slugs, alike in _grouped(readers).items():
            for generation in IndexGeneration.objects.kept():
                for store in (vector_store(generation), sentence_store(generation)):
                    store.set_audiences([str(pk) for pk in alike], slugs)
        found = readers_of_all(list(readers))
        told = {pk: slugs for pk, slugs in readers.items() if found[pk] == slugs}
        for slugs, alike in _grouped(told).items():
            Document.objects.filter(pk__in=alike).update(readers_in_index=list(slugs))
        readers = {pk: slugs for pk, slugs in found.items() if pk not in told}


def _grouped(
    readers: Mapping[uuid.UUID, tuple[str, ...]],
) -> dict[tuple[str, ...], list[uuid.UUID]]:
    groups: dict[tuple[str, ...], list[uuid.UUID]] = {}
    for pk, slugs in readers.items():
        groups.setdefault(slugs, []).append(pk)
    return groups


def push_due_readers(now: datetime) -> int:
    """Tell the index of documents whose readers changed, or whose time has begun or run out.

    Returns of how many.
    """
    served = Document.objects.exclude(current_version=None).exclude(status=DocumentStatus.WITHDRAWN)
    timed = list(served.filter(Q(valid_from__lte=now) | Q(valid_until__lte=now)))
    readers = readers_of_all([document.pk for document in timed])
    due = [row for row in timed if list(readers[row.pk]) != row.readers_in_index]
    due += served.filter(readers_in_index=[UNTOLD])[:TOLD_AT_ONCE]
    push_readers(due)
    return len({document.pk for document in due})


def tell_on_commit(documents: Iterable[Document]) -> None:
    """Have the index told once the change is there to stay. One that was never indexed is not."""
    indexed = [document for document in documents if document.current_version_id]
    rows = Document.objects.filter(pk__in=[document.pk for document in indexed])
    rows.update(readers_in_index=[UNTOLD])
    at_once = indexed[:TOLD_AT_ONCE]
    if at_once:
        transaction.on_commit(partial(push_readers, at_once), robust=True)


def _replace_audiences(documents: Sequence[Document], audiences: Sequence[Audience]) -> None:
    carried = Document.audiences.through
    carried.objects.filter(document__in=documents).delete()
    carried.objects.bulk_create(
        carried(document=document, audience=audience)
        for document in documents
        for audience in audiences
    )

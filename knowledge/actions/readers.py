"""Who may read a document, told to the index. The database decides; the index only saves work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from knowledge.actions.defaults import ensure_audiences
from knowledge.models import Audience, Collection, Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.values import UNPUBLISHED
from knowledge.wiring import sentence_store, vector_store

# In place of the readers that the index was told: they have changed, and it was not told yet.
# No reader's slug begins like this. If we die before we tell it, the sweeper does.
UNTOLD = "~untold"
# Of many documents changed at once, so many are told at once; the sweeper tells the others.
TOLD_AT_ONCE = 100


def readers_of(document: Document) -> tuple[str, ...]:
    """Return what the index should hold: the audiences, or that it answers nobody now.

    One without readers answers nobody either, and has to be found by its own probes all the same.
    """
    if not Document.objects.published(timezone.now()).filter(pk=document.pk).exists():
        return (UNPUBLISHED,)
    return tuple(sorted(document.audiences.values_list("slug", flat=True))) or (UNPUBLISHED,)


def change_audiences(document: Document, audiences: Sequence[str]) -> None:
    """Change who may read a document; nothing is embedded again."""
    with transaction.atomic():
        document.audiences.set(ensure_audiences(list(audiences)))
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
        tell_on_commit(changed)
    return len(changed)


def change_audiences_of(documents: Sequence[Document], audiences: Sequence[str]) -> None:
    """Change who may read these documents. It counts at once; the index is told in portions."""
    with transaction.atomic():
        _replace_audiences(documents, ensure_audiences(list(audiences)))
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


def push_readers(document: Document) -> None:
    """Bring every generation's index in line with the document's readers.

    Until this has happened the database still decides what a reader sees. Who writes last looks
    once more, so that of two that write at the same time the later change stays.
    """
    readers = readers_of(document)
    while True:
        for generation in IndexGeneration.objects.kept():
            for store in (vector_store(generation), sentence_store(generation)):
                store.set_audiences(str(document.pk), readers)
        told, readers = readers, readers_of(document)
        if told == readers:
            Document.objects.filter(pk=document.pk).update(readers_in_index=list(told))
            return


def push_due_readers(now: datetime) -> int:
    """Tell the index of documents whose readers changed, or whose time has begun or run out.

    Returns of how many.
    """
    served = Document.objects.exclude(current_version=None).exclude(status=DocumentStatus.WITHDRAWN)
    timed = served.filter(Q(valid_from__lte=now) | Q(valid_until__lte=now))
    due = [row for row in timed if list(readers_of(row)) != row.readers_in_index]
    due += served.filter(readers_in_index=[UNTOLD])[:TOLD_AT_ONCE]
    for document in {document.pk: document for document in due}.values():
        push_readers(document)
    return len({document.pk for document in due})


def tell_on_commit(documents: Iterable[Document]) -> None:
    """Have the index told once the change is there to stay. One that was never indexed is not."""
    indexed = [document for document in documents if document.current_version_id]
    rows = Document.objects.filter(pk__in=[document.pk for document in indexed])
    rows.update(readers_in_index=[UNTOLD])
    for document in indexed[:TOLD_AT_ONCE]:
        transaction.on_commit(partial(push_readers, document), robust=True)


def _replace_audiences(documents: Sequence[Document], audiences: Sequence[Audience]) -> None:
    carried = Document.audiences.through
    carried.objects.filter(document__in=documents).delete()
    carried.objects.bulk_create(
        carried(document=document, audience=audience)
        for document in documents
        for audience in audiences
    )

"""The second index, for questions in other languages: begun, filled, kept in step with documents.

The database decides here too: `Chunk.sentences` says what the index holds of a chunk, and is
written after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from knowledge.actions.readers import readers_of
from knowledge.ingestion.limits import LEASE_SECONDS
from knowledge.ingestion.values import Step
from knowledge.models import (
    Chunk,
    Collection,
    Document,
    DocumentStatus,
    IndexGeneration,
    SentenceIndex,
)
from knowledge.models.document import DocumentQuerySet
from knowledge.preparation import preparation
from knowledge.retrieval.other_languages import TITLE_PLACE, Group, group_point, groups_of
from knowledge.wiring import second_embedder, sentence_store

INDEX_BATCH = 64
# After a failure it is tried again by itself.
TRY_AGAIN_SECONDS = 300.0
Report = Callable[[Step], None]


class SentencesTakenOver(Exception):
    """Another worker has this index now; this one must write nothing more."""


def begin_like(generation: IndexGeneration, other: IndexGeneration) -> None:
    """Have a new generation keep the sentences of the collections that another one keeps."""
    for row in SentenceIndex.objects.filter(generation=other):
        SentenceIndex.objects.get_or_create(generation=generation, collection=row.collection)


def is_kept(generation: IndexGeneration, collection: Collection) -> bool:
    """Say whether a document of this collection has its sentences in this generation."""
    rows = SentenceIndex.objects.filter(generation=generation, collection=collection)
    return bool(settings.OTHER_LANGUAGES) and rows.exists() and bool(second_embedder(generation))


def write_sentences(
    document: Document,
    generation: IndexGeneration,
    title: str,
    chunks: Sequence[tuple[str, str]],
    readers: Sequence[str],
    report: Report,
) -> dict[str, int]:
    """Embed and index a document's sentences; return how many groups each chunk has.

    `chunks` are (id, text). Raises ProviderError, PreparationStopped, and what `report` raises.
    """
    groups = groups_of(title, chunks)
    vectors = preparation().embed_sentences([group.text for group in groups], report)
    points = [
        group_point(
            group,
            str(document.pk),
            document.collection.slug,
            tuple(readers),
            [float(x) for x in vector],
        )
        for group, vector in zip(groups, vectors, strict=True)
    ]
    store = sentence_store(generation)
    for start in range(0, len(points), INDEX_BATCH):
        report(Step("indexing", start, len(points)))
        store.upsert(points[start : start + INDEX_BATCH])
    return _counted(groups, chunks)


def point_ids(counts: dict[str, int], titled: str) -> set[str]:
    """Return the ids of the points that these chunks have, by what the rows say.

    `titled` is the chunk that the title goes with, "" where a document has none.
    """
    ids = {Group(chunk, n, "").id for chunk, number in counts.items() for n in range(number)}
    return ids | ({Group(titled, TITLE_PLACE, "").id} if titled else set())


def missing_sentences(index: SentenceIndex) -> DocumentQuerySet:
    """Return the served documents of a collection whose sentences the index does not hold."""
    held = Chunk.objects.filter(
        version=OuterRef("current_version"), generation=index.generation, sentences=None
    )
    return _served(index).filter(Exists(held))


def fill_one(index: SentenceIndex, document: Document) -> None:
    """Embed the sentences of what is indexed of a document.

    Raises SentencesTakenOver, ProviderError, PreparationStopped.
    """
    version, generation = document.current_version, index.generation
    rows = list(
        Chunk.objects.filter(version=version, generation=generation)
        .order_by("ordinal")
        .values_list("pk", "text")
    )
    store = sentence_store(generation)
    former = store.point_ids(str(document.pk))
    chunks = [(str(pk), text) for pk, text in rows]
    counts = write_sentences(
        document, generation, document.title, chunks, readers_of(document), reporter(index)
    )
    with transaction.atomic():
        served = _served(index).filter(pk=document.pk, current_version=version)
        still_served = bool(served.select_for_update())
        if still_served:
            mark_chunks(counts)
    written = point_ids(counts, chunks[0][0] if chunks and document.title.strip() else "")
    # A document that was withdrawn meanwhile, or has a newer version, is seen to later.
    store.delete_points(former - written if still_served else written)


def mark_chunks(counts: dict[str, int]) -> None:
    """Write down how many groups the index holds of each chunk."""
    rows = Chunk.objects.filter(pk__in=list(counts))
    for row in rows:
        row.sentences = counts[str(row.pk)]
    Chunk.objects.bulk_update(rows, ["sentences"], batch_size=200)


def forget_sentences(generation: IndexGeneration, documents: Iterable[str]) -> None:
    """Have the sentences of these documents (by id) written again. Raises ProviderError."""
    sentence_store(generation).delete_documents(documents)
    rows = Chunk.objects.filter(generation=generation, version__document__in=list(documents))
    rows.update(sentences=None)


def mark_filled(index: SentenceIndex) -> None:
    """Let the index answer from now on. Raises SentencesTakenOver."""
    prolong(index, ready_at=index.ready_at or timezone.now(), error="", lease_until=None)


def mark_progress(index: SentenceIndex) -> None:
    """Count what is done, and prolong the lease. Raises SentencesTakenOver."""
    total = _served(index).count()
    left = missing_sentences(index).count()
    prolong(index, progress_done=total - left, progress_total=total)


def mark_sentences_failed(index: SentenceIndex, reason: str) -> None:
    """Record why it could not be filled; it is tried again after a while."""
    until = timezone.now() + timedelta(seconds=TRY_AGAIN_SECONDS)
    held = SentenceIndex.objects.filter(pk=index.pk, attempt=index.attempt)
    held.update(error=reason[:1000], lease_until=until)


def give_back(index: SentenceIndex) -> None:
    """Let another worker go on at once."""
    held = SentenceIndex.objects.filter(pk=index.pk, attempt=index.attempt)
    held.update(lease_until=None)


def prolong(index: SentenceIndex, **changes: object) -> None:
    """Show that its worker is alive. Raises SentencesTakenOver."""
    now = timezone.now()
    values = {"lease_until": now + timedelta(seconds=LEASE_SECONDS), "heartbeat_at": now}
    held = SentenceIndex.objects.filter(pk=index.pk, attempt=index.attempt)
    if not held.update(**(values | changes)):
        raise SentencesTakenOver


def reporter(index: SentenceIndex) -> Report:
    """Return what shows at each step that the worker is alive."""

    def report(step: Step) -> None:
        prolong(index)

    return report


def _served(index: SentenceIndex) -> DocumentQuerySet:
    documents = Document.objects.filter(collection=index.collection)
    return documents.exclude(status=DocumentStatus.WITHDRAWN).exclude(current_version=None)


def _counted(groups: Sequence[Group], chunks: Sequence[tuple[str, str]]) -> dict[str, int]:
    counts = {chunk: 0 for chunk, _ in chunks}
    for group in groups:
        counts[group.chunk] += group.place != TITLE_PLACE
    return counts

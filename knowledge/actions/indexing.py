"""From a prepared document to points, rows and the commit marker, proved before it is served."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from knowledge.actions.committing import Proved, Work, chunk_id, commit
from knowledge.actions.readers import push_readers, readers_of, readers_of_all
from knowledge.actions.sentences import is_kept, point_ids, write_sentences
from knowledge.ingestion.probing import Probe, probes_of
from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument, Step
from knowledge.models import Document, DocumentVersion, IndexGeneration
from knowledge.wiring import prover, sentence_store, vector_store
from providers.vector_store.base import Point

INDEX_BATCH = 32
# A probe that finds its document among this many is good enough for customers to find it too.
PROBE_RANK = 10
NOT_FOUND = (
    "It was indexed, but a search for its own words does not find it. Press Retry; if it fails "
    "again, run manage.py check_index --repair."
)


class TakenOver(Exception):
    """Another worker has this document now; this one must write nothing more."""


Report = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Held:
    """The ids of a document's points in both indexes; `sentences` counts those of each chunk."""

    points: frozenset[str]
    sentence_points: frozenset[str] = frozenset()
    sentences: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, generation: IndexGeneration) -> Held:
        """Return what the indexes hold now."""
        name = str(document.pk)
        return cls(
            frozenset(vector_store(generation).point_ids(name)),
            frozenset(sentence_store(generation).point_ids(name)),
        )

    def leave(self, kept: Held, generation: IndexGeneration) -> None:
        """Remove these points, but for those that are kept."""
        vector_store(generation).delete_points(self.points - kept.points)
        sentence_store(generation).delete_points(self.sentence_points - kept.sentence_points)


def index_document(work: Work, generation: IndexGeneration, report: Report) -> None:
    """Write the points, prove them, then write the rows with the commit marker, drop what is old.

    A crash at any moment leaves the former version served; points that no row names are never
    shown, since every passage is checked against the database. Raises TakenOver,
    GenerationChanged, DocumentUnreadable when the index does not find it, ProviderError.
    """
    document = work.document
    former = Held.of(document, generation)
    readers = readers_of(document)
    held = write_points(document, work.version, work.prepared, generation, readers, report)
    report(Step("verifying"))
    try:
        probes = prove(document, work.prepared, generation, readers)
    except DocumentUnreadable:
        held.leave(former, generation)
        raise
    if not commit([Proved(work, readers, probes, held.sentences)], generation):
        raise TakenOver
    former.leave(held, generation)
    _tell_again({document: readers})


def index_together(works: Sequence[Work], generation: IndexGeneration) -> list[Work]:
    """Do the same for several documents with one write to the index and one transaction.

    For documents whose sentences are not kept. Returns those that could not be made ready like
    this, of which the index holds what it held. Raises GenerationChanged, ProviderError.
    """
    readers = readers_of_all([work.document.pk for work in works])
    former = {work.document.pk: Held.of(work.document, generation) for work in works}
    points = {
        work.document.pk: _points(
            work.document, work.version, work.prepared, generation, readers[work.document.pk]
        )
        for work in works
    }
    vector_store(generation).upsert([point for some in points.values() for point in some])
    held = {pk: Held(frozenset(point.id for point in some)) for pk, some in points.items()}
    proved, left = [], []
    for work in works:
        pk = work.document.pk
        try:
            probes = prove(work.document, work.prepared, generation, readers[pk])
        except DocumentUnreadable:
            held[pk].leave(former[pk], generation)
            left.append(work)
        else:
            proved.append(Proved(work, readers[pk], probes))
    mine = commit(proved, generation)
    for pk in mine:
        former[pk].leave(held[pk], generation)
    _tell_again({w.document: readers[w.document.pk] for w in works if w.document.pk in mine})
    return [*left, *(one.work for one in proved if one.work.document.pk not in mine)]


def _tell_again(told: Mapping[Document, Sequence[str]]) -> None:
    """Tell the index of readers that were changed while the points were on their way."""
    now = readers_of_all([document.pk for document in told])
    for document, readers in told.items():
        document.readers_in_index = list(readers)
    push_readers(document for document in told if now[document.pk] != told[document])


def write_points(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    readers: Sequence[str],
    report: Report,
) -> Held:
    """Write a version's points into a generation's index, and its sentences where they are kept.

    Raises ProviderError, PreparationStopped, and what `report` raises.
    """
    store = vector_store(generation)
    points = _points(document, version, prepared, generation, readers)
    for start in range(0, len(points), INDEX_BATCH):
        report(Step("indexing", start, len(points)))
        store.upsert(points[start : start + INDEX_BATCH])
    ids = frozenset(point.id for point in points)
    if not is_kept(generation, document.collection):
        return Held(ids)
    chunks = [
        (str(chunk_id(version, generation, draft.ordinal)), draft.text) for draft in prepared.chunks
    ]
    counts = write_sentences(document, generation, prepared.title, chunks, readers, report)
    titled = chunks[0][0] if prepared.title.strip() else ""
    return Held(ids, frozenset(point_ids(counts, titled)), counts)


def prove(
    document: Document,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    readers: Sequence[str],
) -> list[dict[str, Any]]:
    """Search for the document by its own headings; return what was asked and the ranks.

    One heading may be too general to find its page among many. Its own words must find it, or
    DocumentUnreadable says so.
    """
    search, seen_by = prover(generation), frozenset(readers)
    results = []
    for probe in probes_of(prepared):
        vector = prepared.probe_vectors.get(probe.query)
        rank = search.rank_of(str(document.pk), probe.query, seen_by, PROBE_RANK, vector)
        results.append({"query": probe.query, "rank": rank})
        if not rank and not _found_by_words(document, probe, search.rank_of, seen_by):
            raise DocumentUnreadable(NOT_FOUND)
    return results


def _found_by_words(
    document: Document, probe: Probe, rank_of: Callable[..., int], readers: frozenset[str]
) -> bool:
    # Exact copies of a page come first by the same words; beyond that it must be there.
    return bool(rank_of(str(document.pk), probe.text, readers, 5 * PROBE_RANK))


def count_embedded(version: DocumentVersion, prepared: PreparedDocument) -> None:
    """Add what was just embedded, whatever becomes of it."""
    number = len(prepared.dense)
    versions = DocumentVersion.objects.filter(pk=version.pk)
    versions.update(embedded_count=F("embedded_count") + number)


def _points(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    readers: Sequence[str],
) -> list[Point]:
    title = prepared.title_vector
    return [
        Point(
            id=str(chunk_id(version, generation, draft.ordinal)),
            document=str(document.pk),
            collection=document.collection.slug,
            audiences=tuple(readers),
            dense=vector.tolist(),
            sparse=sparse,
            chunks=len(prepared.chunks),
            # One point of a document carries its title.
            title=None if draft.ordinal or title is None else title.tolist(),
        )
        for draft, vector, sparse in zip(
            prepared.chunks, prepared.dense, prepared.sparse, strict=True
        )
    ]

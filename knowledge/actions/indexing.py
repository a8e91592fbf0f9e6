"""From a prepared document to points, rows and the commit marker, proved before it is served."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.actions.readers import push_readers, readers_of
from knowledge.actions.sentences import is_kept, point_ids, write_sentences
from knowledge.actions.words import count_words, one_at_a_time
from knowledge.ingestion.probing import Probe, probes_of
from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument, Step
from knowledge.models import (
    Chunk,
    Document,
    DocumentStatus,
    DocumentVersion,
    IndexGeneration,
)
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


class GenerationChanged(Exception):
    """Another generation came into use meanwhile; the document is to be made for that one."""


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


def index_document(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    report: Report,
) -> None:
    """Write the points, prove them, then write the rows with the commit marker, drop what is old.

    A crash at any moment leaves the former version served; points that no row names are never
    shown, since every passage is checked against the database. Raises TakenOver,
    GenerationChanged, DocumentUnreadable when the index does not find it, ProviderError.
    """
    former = Held.of(document, generation)
    readers = readers_of(document)
    held = write_points(document, version, prepared, generation, readers, report)
    report(Step("verifying"))
    try:
        probes = prove(document, prepared, generation, readers)
    except DocumentUnreadable:
        held.leave(former, generation)
        raise
    _commit(document, version, prepared, generation, readers, probes, held.sentences)
    former.leave(held, generation)
    document.readers_in_index = list(readers)
    if readers_of(document) != readers:
        # They were changed while the points were on their way.
        push_readers([document])


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


def chunk_id(version: DocumentVersion, generation: IndexGeneration, ordinal: int) -> uuid.UUID:
    """Return the same id for the same chunk each time, so that a second run writes over it."""
    name = str(ordinal) if generation.number == 1 else f"{generation.number}:{ordinal}"
    return uuid.uuid5(version.pk, name)


def write_chunks(
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    sentences: Mapping[str, int],
) -> None:
    """Write a version's chunk rows for a generation: the marker that they are all indexed.

    `sentences` are the counts of their groups, empty where none are kept.
    """
    version.chunks.filter(generation=generation).delete()
    Chunk.objects.bulk_create(
        Chunk(
            id=chunk_id(version, generation, draft.ordinal),
            version=version,
            generation=generation,
            ordinal=draft.ordinal,
            headings=list(draft.headings),
            page=draft.page,
            text=draft.text,
            token_count=draft.token_count,
            start=draft.start,
            sentences=sentences.get(str(chunk_id(version, generation, draft.ordinal))),
        )
        for draft in prepared.chunks
    )


def words_of(prepared: PreparedDocument) -> str:
    """Return the text whose words are those of the document."""
    return f"{prepared.title}\n{prepared.text}"


def count_embedded(version: DocumentVersion, prepared: PreparedDocument) -> None:
    """Add what was just embedded, whatever becomes of it."""
    number = len(prepared.dense)
    versions = DocumentVersion.objects.filter(pk=version.pk)
    versions.update(embedded_count=F("embedded_count") + number)


def describe(version: DocumentVersion, prepared: PreparedDocument) -> None:
    """Put what was read out of the file onto its version, without saving it."""
    version.text = prepared.text
    version.media_type = prepared.media_type
    version.findings = [finding.as_json() for finding in prepared.findings]
    version.cpu_seconds = prepared.cpu_seconds
    # What the text says of itself counts more than what its server said.
    if prepared.updated:
        version.updated_on = date.fromisoformat(prepared.updated)


DESCRIBED = ("text", "media_type", "findings", "cpu_seconds", "updated_on")


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


@transaction.atomic
def _commit(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    readers: Sequence[str],
    probes: list[dict[str, Any]],
    sentences: Mapping[str, int],
) -> None:
    # The generation's row is locked by a swap too, so one of both sees the other's work.
    if generation.pk not in one_at_a_time():
        raise GenerationChanged
    held = Document.objects.held_by(document)
    if not held.select_for_update().values_list("pk", flat=True):
        raise TakenOver
    write_chunks(version, prepared, generation, sentences)
    count_words(document, version, words_of(prepared))
    describe(version, prepared)
    version.embedding_model = generation.embedding_model
    version.probes = probes
    version.indexed_at = timezone.now()
    # Brought back, or under another title: what was compared before no longer counts.
    version.text_hash = ""
    version.save(update_fields=[*DESCRIBED, "embedding_model", "probes", "indexed_at", "text_hash"])
    held.update(**_ready(document, version, prepared, readers))


def _ready(
    document: Document,
    version: DocumentVersion,
    prepared: PreparedDocument,
    readers: Sequence[str],
) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "title": prepared.title,
        "language": prepared.language[:10],
        "status": DocumentStatus.INDEXED,
        "error": "",
        "current_version": version,
        "lease_until": None,
        "losses": 0,
        "readers_in_index": list(readers),
        "progress_done": len(prepared.chunks),
        "progress_total": len(prepared.chunks),
        "updated_at": timezone.now(),
    }
    if prepared.url and not document.url:
        changes["url"] = prepared.url
    return changes

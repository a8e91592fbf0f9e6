"""From a proved document to its rows and the commit marker: after this it is ready."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.actions.words import count_words, one_at_a_time
from knowledge.ingestion.values import PreparedDocument
from knowledge.models import Chunk, Document, DocumentStatus, DocumentVersion, IndexGeneration

DESCRIBED = ("text", "media_type", "findings", "cpu_seconds", "updated_on")
MADE_READY = ("embedding_model", "probes", "indexed_at", "text_hash", "words")


class GenerationChanged(Exception):
    """Another generation came into use meanwhile; the document is to be made for that one."""


@dataclass(frozen=True, slots=True)
class Work:
    """A document that a worker has claimed, with what was read and embedded of its version."""

    document: Document
    version: DocumentVersion
    prepared: PreparedDocument


@dataclass(frozen=True, slots=True)
class Proved:
    """What the index holds and finds: told these readers, asked these probes.

    `sentences` counts the groups of each chunk in the second index, empty where none are kept.
    """

    work: Work
    readers: Sequence[str]
    probes: list[dict[str, Any]]
    sentences: Mapping[str, int] = field(default_factory=dict)


@transaction.atomic
def commit(proved: Sequence[Proved], generation: IndexGeneration) -> frozenset[uuid.UUID]:
    """Write the rows of documents, all or none, with the markers that they are ready.

    Returns the documents that this worker still had; of others nothing is written. Raises
    GenerationChanged.
    """
    # The generation's row is locked by a swap too, so one of both sees the other's work.
    if generation.pk not in one_at_a_time():
        raise GenerationChanged
    held = Document.objects.held_by_all([one.work.document for one in proved])
    mine = frozenset(held.select_for_update().order_by("pk").values_list("pk", flat=True))
    kept = [one for one in proved if one.work.document.pk in mine]
    _replace_chunks(kept, generation)
    count_words({one.work.version: words_of(one.work.prepared) for one in kept})
    for one in kept:
        _mark_ready(one, generation)
    return mine


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
    Chunk.objects.bulk_create(_chunks(version, prepared, generation, sentences))


def words_of(prepared: PreparedDocument) -> str:
    """Return the text whose words are those of the document."""
    return f"{prepared.title}\n{prepared.text}"


def describe(version: DocumentVersion, prepared: PreparedDocument) -> None:
    """Put what was read out of the file onto its version, without saving it."""
    version.text = prepared.text
    version.media_type = prepared.media_type
    version.findings = [finding.as_json() for finding in prepared.findings]
    version.cpu_seconds = prepared.cpu_seconds
    # What the text says of itself counts more than what its server said.
    if prepared.updated:
        version.updated_on = date.fromisoformat(prepared.updated)


def _replace_chunks(proved: Sequence[Proved], generation: IndexGeneration) -> None:
    versions = [one.work.version for one in proved]
    Chunk.objects.filter(version__in=versions, generation=generation).delete()
    Chunk.objects.bulk_create(
        chunk
        for one in proved
        for chunk in _chunks(one.work.version, one.work.prepared, generation, one.sentences)
    )


def _chunks(
    version: DocumentVersion,
    prepared: PreparedDocument,
    generation: IndexGeneration,
    sentences: Mapping[str, int],
) -> Iterator[Chunk]:
    for draft in prepared.chunks:
        pk = chunk_id(version, generation, draft.ordinal)
        yield Chunk(
            id=pk,
            version=version,
            generation=generation,
            ordinal=draft.ordinal,
            headings=list(draft.headings),
            page=draft.page,
            text=draft.text,
            token_count=draft.token_count,
            start=draft.start,
            sentences=sentences.get(str(pk)),
        )


def _mark_ready(one: Proved, generation: IndexGeneration) -> None:
    work = one.work
    describe(work.version, work.prepared)
    work.version.embedding_model = generation.embedding_model
    work.version.probes = one.probes
    work.version.indexed_at = timezone.now()
    # Brought back, or under another title: what was compared before no longer counts.
    work.version.text_hash = ""
    work.version.save(update_fields=[*DESCRIBED, *MADE_READY])
    Document.objects.filter(pk=work.document.pk).update(**_ready(work, one.readers))


def _ready(work: Work, readers: Sequence[str]) -> dict[str, Any]:
    prepared = work.prepared
    changes: dict[str, Any] = {
        "title": prepared.title,
        "language": prepared.language[:10],
        "status": DocumentStatus.INDEXED,
        "error": "",
        "current_version": work.version,
        "lease_until": None,
        "losses": 0,
        "readers_in_index": list(readers),
        "progress_done": len(prepared.chunks),
        "progress_total": len(prepared.chunks),
        "updated_at": timezone.now(),
    }
    if prepared.url and not work.document.url:
        changes["url"] = prepared.url
    return changes

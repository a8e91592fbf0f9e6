"""The last word on what a reader may see: the database, not the index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import CharField, DateTimeField, Exists, OuterRef, Q, QuerySet, UUIDField
from django.utils import timezone

from knowledge.compiled_query import CompiledQuery
from knowledge.models import Chunk, Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.analysis import terms
from knowledge.retrieval.ranking import SPARSE_WEIGHT, Scored
from knowledge.retrieval.values import Passage, Reader

SERVED = (
    DocumentStatus.INDEXED,
    # A ready version goes on being served while the next one is being made, or has failed.
    DocumentStatus.QUEUED,
    DocumentStatus.PARSING,
    DocumentStatus.EMBEDDING,
    DocumentStatus.INDEXING,
    DocumentStatus.VERIFYING,
    DocumentStatus.FAILED,
    DocumentStatus.HELD,
)
FALLBACK_TERMS = 8
FALLBACK_ROWS = 200


# What a passage is made of, and no more: a version's row holds the text of the whole document.
FIELDS = (
    "pk",
    "text",
    "headings",
    "page",
    "version_id",
    "version__document_id",
    "version__document__title",
    "version__document__url",
    "version__document__collection__local_models_only",
    "version__document__language",
)
Row = tuple[Any, ...]


def visible_chunks(reader: Reader) -> QuerySet[Chunk]:
    """Return the chunks of current, served versions that this reader may see.

    Of every generation of the index: a search that began before a swap ends on what it began with.
    """
    return _visible(**_sights_of(reader))


def _sights_of(reader: Reader) -> dict[str, Any]:
    """Return what limits a reader's sight, by the names that `_visible` gives it."""
    sights: dict[str, Any] = {"audiences": sorted(reader.audiences)}
    if reader.collection is not None:
        sights["collection"] = reader.collection
    if reader.within is not None:
        sights["within"] = sorted(reader.within)
    if not reader.previews:
        sights["now"] = timezone.now()
    return sights


def _visible(
    audiences: Any, now: Any = None, collection: Any = None, within: Any = None
) -> QuerySet[Chunk]:
    # In a subquery and not in joins: SQLite would begin with every document of the audience or of a
    # status and look through all their chunks (15 ms of CPU at 10,000) to find those asked for.
    readable = Document.objects.filter(
        pk=OuterRef("version__document_id"),
        current_version_id=OuterRef("version_id"),
        status__in=SERVED,
        audiences__slug__in=audiences,
    )
    if collection is not None:
        readable = readable.filter(collection__slug=collection)
    if within is not None:
        readable = readable.filter(collection__slug__in=within)
    if now is not None:
        readable = readable.published(now)
    return Chunk.objects.filter(Exists(readable)).order_by()


_among: CompiledQuery[Row] = CompiledQuery(
    lambda chunks, **sights: _visible(**sights).filter(pk__in=chunks).values_list(*FIELDS),
    chunks=UUIDField(),
    audiences=CharField(),
    now=DateTimeField(),
    collection=CharField(),
    within=CharField(),
)


def authorise(candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
    """Return the passages among the candidates that the reader may see, by chunk id."""
    if not candidates or reader.reads_nothing:
        return {}
    by_id = {candidate.chunk: candidate for candidate in candidates}
    rows = _among.rows(chunks=list(by_id), **_sights_of(reader))
    return {str(row[0]): _passage(row, by_id[str(row[0])]) for row in rows}


def lexical_fallback(query: str, reader: Reader, limit: int) -> Sequence[Passage]:
    """Find chunks by their words in the database, for when the vector index is away."""
    generation = IndexGeneration.objects.in_use()
    words = list(dict.fromkeys(terms(query)))[:FALLBACK_TERMS]
    if generation is None or not words:
        return []
    any_word = reduce(or_, (Q(text__icontains=word) for word in words))
    chunks = visible_chunks(reader).filter(any_word, generation=generation)
    rows = _once_each(chunks.order_by("pk").values_list(*FIELDS)[:FALLBACK_ROWS])
    scored = [(_share(words, row[1]), row) for row in rows]
    scored.sort(key=lambda pair: (-pair[0], str(pair[1][0])))
    return [_passage(row, _lexical(row, share)) for share, row in scored[:limit]]


def _once_each(rows: Iterable[Row]) -> list[Row]:
    return list({row[0]: row for row in rows}.values())


def _share(words: Sequence[str], text: str) -> float:
    lowered = text.casefold()
    return sum(word in lowered for word in words) / len(words)


def _lexical(row: Row, share: float) -> Scored:
    return Scored(str(row[0]), str(row[5]), SPARSE_WEIGHT * share, dense=0.0, sparse=share)


def _passage(row: Row, scored: Scored) -> Passage:
    chunk, text, headings, page, version, document, title, url, local_only, language = row
    return Passage(
        chunk=str(chunk),
        document=str(document),
        version=str(version),
        title=title,
        headings=tuple(headings),
        text=text,
        url=url,
        page=page,
        score=round(scored.score, 6),
        dense_score=round(scored.dense, 6),
        sparse_score=round(scored.sparse, 6),
        local_only=local_only,
        language=language,
        title_score=round(scored.title, 6),
        code_score=round(scored.codes, 6),
    )

"""The last word on what a reader may see: the database, not the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from knowledge.models import Chunk, Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.analysis import terms
from knowledge.retrieval.search import Scored
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


def visible_chunks(reader: Reader) -> QuerySet[Chunk]:
    """Return the chunks of current, served versions that this reader may see.

    Of every generation of the index: a search that began before a swap ends on what it began with.
    """
    chunks = Chunk.objects.filter(
        version_id=F("version__document__current_version_id"),
        version__document__status__in=SERVED,
        version__document__audiences__in=sorted(reader.audiences),
    )
    if reader.collection is not None:
        chunks = chunks.filter(version__document__collection__slug=reader.collection)
    if not reader.previews:
        published = Document.objects.published(timezone.now())
        chunks = chunks.filter(version__document__in=published.values("pk"))
    return chunks.select_related("version__document__collection").distinct()


def authorise(candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
    """Return the passages among the candidates that the reader may see, by chunk id."""
    by_id = {candidate.chunk: candidate for candidate in candidates}
    chunks = visible_chunks(reader).filter(pk__in=list(by_id))
    return {str(chunk.pk): _passage(chunk, by_id[str(chunk.pk)]) for chunk in chunks}


def lexical_fallback(query: str, reader: Reader, limit: int) -> Sequence[Passage]:
    """Find chunks by their words in the database, for when the vector index is away."""
    generation = IndexGeneration.objects.in_use()
    if generation is None:
        return []
    words = list(dict.fromkeys(terms(query)))[:FALLBACK_TERMS]
    if not words:
        return []
    any_word = reduce(or_, (Q(text__icontains=word) for word in words))
    chunks = visible_chunks(reader).filter(any_word, generation=generation)[:FALLBACK_ROWS]
    scored = [(_share(words, chunk.text), chunk) for chunk in chunks]
    scored.sort(key=lambda pair: (-pair[0], str(pair[1].pk)))
    return [_passage(chunk, _lexical(chunk, share)) for share, chunk in scored[:limit]]


def _share(words: Sequence[str], text: str) -> float:
    lowered = text.casefold()
    return sum(word in lowered for word in words) / len(words)


def _lexical(chunk: Chunk, share: float) -> Scored:
    return Scored(str(chunk.pk), str(chunk.version.document_id), dense=0.0, sparse=share)


def _passage(chunk: Chunk, scored: Scored) -> Passage:
    document = chunk.version.document
    return Passage(
        chunk=str(chunk.pk),
        document=str(document.pk),
        version=str(chunk.version_id),
        title=document.title,
        headings=tuple(chunk.headings),
        text=chunk.text,
        url=document.url,
        page=chunk.page,
        score=round(scored.score, 6),
        dense_score=round(scored.dense, 6),
        sparse_score=round(scored.sparse, 6),
        local_only=document.collection.local_models_only,
    )

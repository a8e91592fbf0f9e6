"""Finds passages: dense and sparse candidates, fused scores, authorised against the database.

Score fusion: cosine + 0.3 * BM25 / best BM25. Over the candidates of three sets score fusion
ranked better than rank fusion and than either part alone (docs/decisions/0003).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.retrieval.analysis import MAX_QUERY_CHARACTERS, sparse_query
from knowledge.retrieval.values import UNPUBLISHED, Passage, Reader, Retrieved
from knowledge.retrieval.vocabulary import Expanded, lifted
from providers.embeddings.base import Embedder
from providers.errors import EmbedderUnavailable, ProviderError
from providers.vector_store.base import Hit, Scope, VectorStore

CANDIDATES = 60
SPARSE_WEIGHT = 0.3
PASSAGES_PER_DOCUMENT = 3


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its scores: raw cosine, BM25 over the best BM25, and both fused."""

    chunk: str
    document: str
    dense: float
    sparse: float

    @property
    def score(self) -> float:
        """Return the fused score."""
        return self.dense + SPARSE_WEIGHT * self.sparse


Authorise = Callable[[Sequence[Scored], Reader], Mapping[str, Passage]]
LexicalFallback = Callable[[str, Reader, int], Sequence[Passage]]
Expand = Callable[[str], Expanded]


@dataclass(frozen=True)
class Searcher:
    """The one way to passages. `authorise` returns those that this reader may see, by chunk.

    `expand` adds the operator's words to a query.
    """

    embedder: Embedder
    store: VectorStore
    authorise: Authorise
    lexical_fallback: LexicalFallback | None = None
    expand: Expand | None = None

    def retrieve(self, query: str, reader: Reader, limit: int = 10) -> Retrieved:
        """Return at most `limit` passages, best first; never raises for a missing provider."""
        started = time.perf_counter()
        query = query[:MAX_QUERY_CHARACTERS].strip()
        if not query or not reader.audiences or limit < 1:
            return Retrieved((), timings_ms={"embed": 0, "search": 0, "rerank": 0, "total": 0})
        wanted = self.expand(query) if self.expand else Expanded(query, query)
        vector, degraded = self._embedded(wanted.dense)
        embedded = time.perf_counter()
        try:
            candidates = self._candidates(wanted.sparse, vector, reader)
        except ProviderError:
            return self._from_database(wanted.sparse, reader, limit, started)
        searched = time.perf_counter()
        passages = self._ranked(candidates, reader, limit, wanted.kept)
        ended = time.perf_counter()
        timings = {
            "embed": _ms(started, embedded),
            "search": _ms(embedded, searched),
            "rerank": _ms(searched, ended),
            "total": _ms(started, ended),
        }
        return Retrieved(tuple(passages), degraded, timings)

    def _embedded(self, query: str) -> tuple[list[float] | None, str]:
        try:
            return [float(x) for x in self.embedder.embed_query(query)], ""
        except EmbedderUnavailable:
            return None, "embedding"

    def rank_of(self, document: str, query: str, audiences: frozenset[str], most: int) -> int:
        """Return the document's rank among all documents in the index, or 0 when not in `most`.

        Looks at the index alone: for a document that the database does not know as ready yet.
        Raises ProviderError.
        """
        vector = [float(x) for x in self.embedder.embed_query(query[:MAX_QUERY_CHARACTERS])]
        candidates = self._candidates(query, vector, Reader(audiences))
        ordered = sorted(candidates, key=lambda c: (-c.score, c.chunk))
        ranked = list(dict.fromkeys(candidate.document for candidate in ordered))[:most]
        return ranked.index(document) + 1 if document in ranked else 0

    def _candidates(self, query: str, vector: list[float] | None, reader: Reader) -> list[Scored]:
        unpublished = {UNPUBLISHED} if reader.previews else set()
        scope = Scope(reader.audiences | unpublished, reader.collection)
        sparse = self.store.search_sparse(sparse_query(query), scope, CANDIDATES)
        dense: list[Hit] = []
        if vector is not None:
            dense = self.store.search_dense(vector, scope, CANDIDATES)
            known = {hit.id for hit in dense}
            unscored = [hit.id for hit in sparse if hit.id not in known]
            dense += self.store.score_dense(vector, unscored, scope)
        return fuse(dense, sparse)

    def _ranked(
        self, candidates: Sequence[Scored], reader: Reader, limit: int, kept: Sequence[str]
    ) -> list[Passage]:
        best = spread(sorted(candidates, key=lambda c: (-c.score, c.chunk)))
        # A few more than asked for, since the database may refuse some.
        allowed = self.authorise(best[: limit * 2 + 10], reader)
        return lifted([allowed[c.chunk] for c in best if c.chunk in allowed], kept)[:limit]

    def _from_database(self, query: str, reader: Reader, limit: int, started: float) -> Retrieved:
        found: Sequence[Passage] = ()
        if self.lexical_fallback is not None:
            found = self.lexical_fallback(query, reader, limit)
        total = _ms(started, time.perf_counter())
        timings = {"embed": 0.0, "search": total, "rerank": 0.0, "total": total}
        return Retrieved(tuple(found), "vector_store", timings)


def fuse(dense: Sequence[Hit], sparse: Sequence[Hit]) -> list[Scored]:
    """Join both lists by point; what is missing in a list scores 0 there."""
    best = max((hit.score for hit in sparse), default=0.0) or 1.0
    cosines = {hit.id: hit.score for hit in dense}
    weights = {hit.id: hit.score / best for hit in sparse}
    documents = {hit.id: hit.document for hit in [*dense, *sparse]}
    return [
        Scored(chunk, document, cosines.get(chunk, 0.0), weights.get(chunk, 0.0))
        for chunk, document in documents.items()
    ]


def spread(ordered: Sequence[Scored]) -> list[Scored]:
    """Keep at most PASSAGES_PER_DOCUMENT of each document, in order."""
    kept: list[Scored] = []
    counts: dict[str, int] = {}
    for candidate in ordered:
        counts[candidate.document] = counts.get(candidate.document, 0) + 1
        if counts[candidate.document] <= PASSAGES_PER_DOCUMENT:
            kept.append(candidate)
    return kept


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)

"""Finds passages: dense and sparse candidates, ranked, authorised against the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.retrieval.analysis import ENGLISH
from knowledge.retrieval.other_languages import Languages, rank_across
from knowledge.retrieval.ranking import (
    CANDIDATES,
    EVERY_CHUNK,
    LEADING_DOCUMENTS,
    Candidate,
    Scored,
    fuse,
    leading,
    rank,
    without_cut_ties,
)
from knowledge.retrieval.reranking import RERANKED, Judge, reranked
from knowledge.retrieval.understanding import (
    Correct,
    Expand,
    Lookup,
    Understood,
    as_floats,
    by_words,
    lookups,
    understand,
)
from knowledge.retrieval.values import UNPUBLISHED, Passage, Query, Reader, Retrieved
from knowledge.retrieval.vocabulary import lifted
from providers.embeddings.base import Embedder, Vectors
from providers.errors import EmbedderUnavailable, ProviderError, RerankerUnavailable
from providers.vector_store.base import Hit, Scope, SparseVector, VectorStore

# Each sentence of a question is a search of its own. In a large index fewer of them are searched
# alone, so that together they look at no more points than this.
MOST_POINTS_FOR_PARTS = 300_000

# The database is asked so many times for passages in place of those that it refused.
MOST_LOOKS = 4

Authorise = Callable[[Sequence[Scored], Reader], Mapping[str, Passage]]
LexicalFallback = Callable[[str, Reader, int], Sequence[Passage]]


@dataclass(frozen=True)
class Searcher:
    """The one way to passages. `authorise` returns those that this reader may see, by chunk.

    `expand` adds the operator's words to a query, `correct` forgives a wrong letter, `judge` puts
    the best passages in its own order, `languages` knows those of the documents.
    """

    embedder: Embedder
    store: VectorStore
    authorise: Authorise
    lexical_fallback: LexicalFallback | None = None
    expand: Expand | None = None
    correct: Correct | None = None
    judge: Judge | None = None
    languages: Languages | None = None

    def retrieve(self, query: Query | str, reader: Reader, limit: int = 10) -> Retrieved:
        """Return at most `limit` passages, best first; never raises for a missing provider."""
        started = time.perf_counter()
        asked = Query(query) if isinstance(query, str) else query
        if not asked.text.strip() or reader.reads_nothing or limit < 1:
            return Retrieved((), timings_ms={"embed": 0, "search": 0, "rerank": 0, "total": 0})
        across = self.languages.foreign(asked.text, reader) if self.languages else None
        # A word of another language is no misspelt one of this.
        correct = None if across else self.correct
        wanted = understand(asked, self.expand, correct, self._language(asked, reader))
        try:
            looked_up, degraded = self._lookups(wanted)
            groups = across.hits(asked, _scope(reader)) if across else []
            embedded = time.perf_counter()
            ordered = self._ordered(looked_up, reader, limit, groups)
        except ProviderError:
            return self._from_database(wanted, reader, limit, started)
        if not ordered:
            # Something is always nearest: an index that finds nothing is empty, or nobody may read.
            found = self._from_database(wanted, reader, limit, started)
            if found.passages:
                return found
        searched = time.perf_counter()
        # The judge and the operator's terms may choose among more than are returned.
        enough = max(limit + 10, RERANKED) if self.judge or wanted.kept else limit
        passages = self._authorised(ordered, reader, enough)
        passages, unjudged = self._judged(asked.text, passages)
        passages = lifted(passages, wanted.kept)[:limit]
        ended = time.perf_counter()
        timings = {
            "embed": _ms(started, embedded),
            "search": _ms(embedded, searched),
            "rerank": _ms(searched, ended),
            "total": _ms(started, ended),
        }
        return Retrieved(tuple(passages), degraded or unjudged, timings, wanted.corrected)

    def rank_of(
        self,
        document: str,
        query: str,
        audiences: frozenset[str],
        most: int,
        vector: Vectors | None = None,
    ) -> int:
        """Return the document's rank among all documents in the index, or 0 when not in `most`.

        Looks at the index alone: for a document that the database does not know as ready yet.
        `vector` is the query's, where it is known. Raises ProviderError.
        """
        wanted = understand(Query(query), None, None)
        if vector is None:
            looked_up = lookups(wanted, self.embedder, 0)
        else:
            looked_up = [replace(by_words(wanted), vector=as_floats(vector))]
        ordered = self._ordered(looked_up, Reader(audiences), most)
        ranked = list(dict.fromkeys(candidate.document for candidate in ordered))[:most]
        return ranked.index(document) + 1 if document in ranked else 0

    def _lookups(self, wanted: Understood) -> tuple[list[Lookup], str]:
        most_parts = 0
        if wanted.parts:
            most_parts = MOST_POINTS_FOR_PARTS // max(self.store.count(), 1)
        try:
            return lookups(wanted, self.embedder, most_parts), ""
        except EmbedderUnavailable:
            return [by_words(wanted)], "embedding"

    def _language(self, asked: Query, reader: Reader) -> str:
        return self.languages.language(asked.text, reader) if self.languages else ENGLISH

    def _ordered(
        self,
        looked_up: Sequence[Lookup],
        reader: Reader,
        limit: int,
        groups: Sequence[Hit] = (),
    ) -> list[Scored]:
        scope = _scope(reader)
        among = dict.fromkeys(hit.chunk for hit in groups)
        whole, *parts = [self._candidates(lookup, scope, among) for lookup in looked_up]
        vector = looked_up[0].vector
        documents = leading((whole, *parts), max(limit, LEADING_DOCUMENTS))
        titles = self.store.score_titles(vector, documents, scope) if vector else {}
        if not groups:
            return rank(whole, parts, titles, among=set(documents))
        # The best group may lie in any chunk.
        return rank_across(rank(whole, parts, titles, most=EVERY_CHUNK), groups)

    def _candidates(
        self, lookup: Lookup, scope: Scope, among: Iterable[str] = ()
    ) -> list[Candidate]:
        sparse = self._by_words(lookup.sparse, scope)
        codes = self._by_words(lookup.codes, scope)
        dense: list[Hit] = []
        if lookup.vector is not None:
            dense = without_cut_ties(
                self.store.search_dense(lookup.vector, scope, CANDIDATES), CANDIDATES
            )
            known = {hit.id for hit in dense}
            wanted = dict.fromkeys([*(hit.id for hit in (*sparse, *codes)), *among])
            unscored = [chunk for chunk in wanted if chunk not in known]
            dense += self.store.score_dense(lookup.vector, unscored, scope)
        return fuse(dense, sparse, codes)

    def _by_words(self, words: SparseVector, scope: Scope) -> list[Hit]:
        return without_cut_ties(self.store.search_sparse(words, scope, CANDIDATES), CANDIDATES)

    def _authorised(self, ordered: Sequence[Scored], reader: Reader, enough: int) -> list[Passage]:
        # The index holds what the database says, or nearly, so that one look is nearly always all.
        passages: list[Passage] = []
        for start in range(0, min(len(ordered), MOST_LOOKS * enough), enough):
            some = ordered[start : start + enough]
            allowed = self.authorise(some, reader)
            passages += [allowed[c.chunk] for c in some if c.chunk in allowed]
            if len(passages) >= enough:
                break
        return passages

    def _judged(self, query: str, passages: list[Passage]) -> tuple[list[Passage], str]:
        if self.judge is None:
            return passages, ""
        try:
            return reranked(query, passages, self.judge), ""
        except RerankerUnavailable:
            return passages, "reranking"

    def _from_database(
        self, wanted: Understood, reader: Reader, limit: int, started: float
    ) -> Retrieved:
        found: Sequence[Passage] = ()
        if self.lexical_fallback is not None:
            found = self.lexical_fallback(wanted.whole.sparse, reader, limit)
        total = _ms(started, time.perf_counter())
        timings = {"embed": 0.0, "search": total, "rerank": 0.0, "total": total}
        return Retrieved(tuple(found), "vector_store", timings, wanted.corrected)


def _scope(reader: Reader) -> Scope:
    unpublished = {UNPUBLISHED} if reader.previews else set()
    return Scope(reader.audiences | unpublished, reader.collection, reader.within)


def _ms(start: float, end: float) -> float:
    return round((end - start) * 1000, 3)

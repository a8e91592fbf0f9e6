"""What plain search would find in the same index: by words, by meaning, and by both joined.

A document stands where its best chunk stands. `rrf` is reciprocal rank fusion of the other two's
documents (Cormack, Clarke and Büttcher 2009, k = 60). None of them knows titles, earlier turns,
sentences, codes or misspelt words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evaluation.corpus_index import CorpusIndex
from knowledge.retrieval.analysis import sparse_query
from providers.vector_store.base import Hit, Scope

RRF_K = 60
# Of 1,000 chunks every ten best documents come whole; more changed no figure.
CHUNKS = 1000
NAMES = ("bm25", "dense", "rrf")


def baseline_rankings(
    index: CorpusIndex, text: str, audiences: frozenset[str]
) -> dict[str, list[str]]:
    """Return the ids of the documents in order, by the name of the baseline."""
    scope = Scope(audiences)
    vector = [float(x) for x in index.vectors.embed_query(text)]
    bm25 = _documents(index, index.store.search_sparse(sparse_query(text), scope, CHUNKS))
    dense = _documents(index, index.store.search_dense(vector, scope, CHUNKS))
    return {"bm25": bm25, "dense": dense, "rrf": fused([bm25, dense])}


def fused(rankings: Iterable[Sequence[str]]) -> list[str]:
    """Join rankings by reciprocal rank; equal ones in the order of their ids."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, document in enumerate(ranking, start=1):
            scores[document] = scores.get(document, 0.0) + 1 / (RRF_K + rank)
    return sorted(scores, key=lambda document: (-scores[document], document))


def best(figures: Mapping[str, Mapping[str, float]]) -> str:
    """Return the name of the baseline with the best nDCG."""
    return max(NAMES, key=lambda name: figures[name]["ndcg_at_10"])


def _documents(index: CorpusIndex, hits: Sequence[Hit]) -> list[str]:
    # Hits with one score come in any order; a run is to be repeatable.
    ordered = sorted(hits, key=lambda hit: (-hit.score, hit.id))
    return list(dict.fromkeys(index.corpus_id(hit.document) for hit in ordered))

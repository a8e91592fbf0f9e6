"""What the passages found say about whether the question can be answered from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.answering.terms import terms
from knowledge.retrieval.values import Passage

# Signals look at the passages an answer would rest on.
LOOKED_AT = 6


@dataclass(frozen=True, slots=True)
class Evidence:
    """Signals of one search, each 0..1 unless it says otherwise.

    `best_dense` and `best_score` are the highest cosine and fused score; `margin` the fused lead
    of the best document over the fourth; `covered` the share of the query's words that the
    passages hold; `agreement` whether cosine and BM25 put the same document first.
    """

    best_dense: float
    best_score: float
    margin: float
    covered: float
    agreement: float
    terms: int
    documents: int


def gather(query: str, passages: Sequence[Passage]) -> Evidence:
    """Return the signals of a search."""
    wanted = set(terms(query))
    if not passages:
        return Evidence(0.0, 0.0, 0.0, 0.0, 0.0, len(wanted), 0)
    by_document: dict[str, float] = {}
    for passage in passages:
        by_document.setdefault(passage.document, passage.score)
    ranked = sorted(by_document.values(), reverse=True)
    fourth = ranked[min(3, len(ranked) - 1)]
    held = set().union(*(terms(f"{p.title} {p.heading} {p.text}") for p in passages[:LOOKED_AT]))
    densest = max(passages, key=lambda p: p.dense_score)
    sparsest = max(passages, key=lambda p: p.sparse_score)
    return Evidence(
        best_dense=densest.dense_score,
        best_score=ranked[0],
        margin=ranked[0] - fourth,
        covered=len(wanted & held) / len(wanted) if wanted else 0.0,
        agreement=float(densest.document == sparsest.document),
        terms=len(wanted),
        documents=len(ranked),
    )

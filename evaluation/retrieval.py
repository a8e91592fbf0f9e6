"""How good the search is: recall, MRR and nDCG by document, with intervals and latency."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from conversations.answering.retrieval import query_of
from evaluation.cases import Case
from evaluation.corpus_index import CorpusIndex
from knowledge import metrics
from knowledge.retrieval.ranking import PASSAGES_PER_DOCUMENT
from knowledge.retrieval.values import Reader

METRICS: dict[str, Callable[[Sequence[str], frozenset[str]], float]] = {
    "recall_at_1": lambda found, wanted: metrics.recall(found, wanted, 1),
    "recall_at_5": lambda found, wanted: metrics.recall(found, wanted, 5),
    "recall_at_10": lambda found, wanted: metrics.recall(found, wanted, 10),
    "mrr_at_10": metrics.reciprocal_rank,
    "ndcg_at_10": metrics.ndcg,
}


def evaluate(
    index: CorpusIndex, cases: Sequence[Case], audiences: frozenset[str], limit: int
) -> dict[str, Any]:
    """Search every case's query and return the figures; a document is as good as its best chunk."""
    searcher, reader = index.searcher, Reader(audiences)
    values: dict[str, list[float]] = {name: [] for name in METRICS}
    per_query: list[dict[str, Any]] = []
    latencies: list[float] = []
    for case in cases:
        started = time.perf_counter()
        query = query_of(case.query, case.history)
        found = searcher.retrieve(query, reader, limit * PASSAGES_PER_DOCUMENT)
        latencies.append((time.perf_counter() - started) * 1000)
        documents = list(dict.fromkeys(index.corpus_id(p.document) for p in found.passages))[:limit]
        for name, metric in METRICS.items():
            values[name].append(metric(documents, case.relevant))
        per_query.append(
            {
                "id": case.id,
                "ndcg_at_10": round(values["ndcg_at_10"][-1], metrics.DIGITS),
                "retrieved": documents,
            }
        )
    return {
        "n": len(cases),
        **{name: metrics.mean(found) for name, found in values.items()},
        "intervals": {name: metrics.interval(found) for name, found in values.items()},
        "latency_ms": _percentiles(latencies),
        "per_query": per_query,
    }


def _percentiles(latencies: Sequence[float]) -> dict[str, float]:
    if not latencies:
        return {"p50": 0.0, "p95": 0.0}
    p50, p95 = np.percentile(latencies, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}

"""How good the search is: recall, MRR and nDCG by document, with intervals and latency.

Beside the figures stand those of plain search in the same index (`evaluation.baselines`), and the
difference to the best of them case by case.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conversations.answering.retrieval import query_of
from evaluation import baselines
from evaluation.cases import Case
from evaluation.comparison import paired
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
Values = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Searched:
    """What one case's query found: ids of the corpus file, best first, by each kind of search."""

    case: Case
    documents: tuple[str, ...]
    by_baseline: Mapping[str, Sequence[str]]
    total_ms: float
    embed_ms: float


def evaluate(
    index: CorpusIndex, cases: Sequence[Case], audiences: frozenset[str], limit: int
) -> dict[str, Any]:
    """Search every case's query and return the figures; a document is as good as its best chunk."""
    searched = [_search(index, case, audiences, limit) for case in cases]
    ours = _values((one.case, one.documents) for one in searched)
    plain = {
        name: _values((one.case, one.by_baseline[name][:limit]) for one in searched)
        for name in baselines.NAMES
    }
    figures = {name: _means(values) for name, values in plain.items()}
    best = baselines.best(figures)
    totals = [one.total_ms for one in searched]
    return {
        "n": len(cases),
        **_means(ours),
        "intervals": {name: metrics.interval(found) for name, found in ours.items()},
        "baselines": figures,
        "best_baseline": best,
        "against_best_baseline": paired(plain[best], ours),
        "latency_ms": _percentiles(totals),
        # A question asked in an earlier run is not embedded again.
        "search_ms": _percentiles([one.total_ms - one.embed_ms for one in searched]),
        "per_query": [
            _row(one, number, ours, plain[best]["ndcg_at_10"])
            for number, one in enumerate(searched)
        ],
    }


def _search(index: CorpusIndex, case: Case, audiences: frozenset[str], limit: int) -> Searched:
    searcher = index.searcher
    started = time.perf_counter()
    query = query_of(case.query, case.history)
    found = searcher.retrieve(query, Reader(audiences), limit * PASSAGES_PER_DOCUMENT)
    total_ms = (time.perf_counter() - started) * 1000
    documents = dict.fromkeys(index.corpus_id(passage.document) for passage in found.passages)
    return Searched(
        case,
        tuple(documents)[:limit],
        baselines.baseline_rankings(index, case.query, audiences),
        total_ms,
        found.timings_ms.get("embed", 0.0),
    )


def _values(rankings: Iterable[tuple[Case, Sequence[str]]]) -> Values:
    """Return each metric's value for each case."""
    values: Values = {name: [] for name in METRICS}
    for case, documents in rankings:
        for name, metric in METRICS.items():
            values[name].append(metric(documents, case.relevant))
    return values


def _means(values: Values) -> dict[str, float]:
    return {name: metrics.mean(found) for name, found in values.items()}


def _row(one: Searched, number: int, ours: Values, best: Sequence[float]) -> dict[str, Any]:
    return {
        "id": one.case.id,
        "query": one.case.query,
        "relevant": sorted(one.case.relevant),
        **{name: round(values[number], metrics.DIGITS) for name, values in ours.items()},
        "baseline_ndcg_at_10": round(best[number], metrics.DIGITS),
        "retrieved": list(one.documents),
    }


def _percentiles(latencies: Sequence[float]) -> dict[str, float]:
    if not latencies:
        return {"p50": 0.0, "p95": 0.0}
    p50, p95 = np.percentile(latencies, [50, 95])
    return {"p50": round(float(p50), 2), "p95": round(float(p95), 2)}

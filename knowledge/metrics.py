"""Rank metrics with binary relevance, and intervals by bootstrap. Pure.

nDCG: Järvelin and Kekäläinen 2002, gain 1 for a relevant document, discount log2(rank + 1).
Intervals: percentile bootstrap over queries, 1,000 resamples with a fixed seed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log2, sqrt

import numpy as np

RESAMPLES = 1000
SEED = 20250101
DIGITS = 4


def ndcg(retrieved: Sequence[str], relevant: Collection[str], depth: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the first `depth` documents."""
    gained = sum(
        1 / log2(rank + 1) for rank, pk in enumerate(retrieved[:depth], 1) if pk in relevant
    )
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(len(relevant), depth) + 1))
    return gained / ideal if ideal else 0.0


def recall(retrieved: Sequence[str], relevant: Collection[str], depth: int) -> float:
    """Return which share of the relevant documents is among the first `depth`."""
    return len(set(retrieved[:depth]) & set(relevant)) / len(relevant) if relevant else 0.0


def reciprocal_rank(retrieved: Sequence[str], relevant: Collection[str], depth: int = 10) -> float:
    """Return 1 / rank of the first relevant document, 0 when none is among the first `depth`."""
    ranks = (rank for rank, pk in enumerate(retrieved[:depth], 1) if pk in relevant)
    return 1 / next(ranks, float("inf"))


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return round(float(np.mean(values)), DIGITS) if values else 0.0


def share_interval(found: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (E. B. Wilson 1927, JASA 22); (0, 1) of nothing."""
    if not n:
        return 0.0, 1.0
    z = 1.96
    share, spread = found / n, z * sqrt(found * (n - found) / n + z * z / 4)
    low, high = (
        (found + z * z / 2 - spread) / (n + z * z),
        (found + z * z / 2 + spread) / (n + z * z),
    )
    return round(max(0.0, min(low, share)), 4), round(min(1.0, max(high, share)), 4)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean."""
    if not values:
        return (0.0, 0.0)
    generator = np.random.default_rng(SEED)
    drawn = generator.choice(np.asarray(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return (round(float(low), DIGITS), round(float(high), DIGITS))

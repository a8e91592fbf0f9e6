"""Fits the constants of the confidence stage on one half of the cases, reports the other half.

The halves are made by a hash of the case's id, so that they stay the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conversations.answering.confidence import SIGNALS, signal, worth
from conversations.answering.evidence import Evidence
from evaluation.answers import CaseResult, auroc, share
from evaluation.cases import half_of

# Abstain on this share of the unanswerable questions of the half that is fitted.
WANTED_ABSTENTION = 0.7
# Weak, so that a few dozen cases do not give wild weights; in units of standard deviations.
RIDGE = 1.0
STEPS = 50


def fit(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return the constants fitted on half 0, and what they do on each half and on all cases."""
    ours = [r for r in results if half_of(r.id) == 0]
    others = [r for r in results if half_of(r.id) == 1]
    features = np.array([_features(r) for r in ours])
    labels = np.array([float(r.gold_in_reach) for r in ours])
    intercept, weights = logistic(features, labels)
    unanswerable = [worth(_evidence(r)) for r in ours if not r.answerable]
    threshold = float(np.quantile(unanswerable, WANTED_ABSTENTION)) if unanswerable else 0.0
    named = {"fitted": ours, "other": others, "all": list(results)}
    return {
        "intercept": round(intercept, 3),
        "weights": {n: round(float(w), 3) for n, w in zip(SIGNALS, weights, strict=True)},
        "answer_from": round(threshold, 3),
        "reports": {
            name: _report(half, intercept, weights, threshold) for name, half in named.items()
        },
    }


def logistic(
    features: NDArray[np.float64], labels: NDArray[np.float64]
) -> tuple[float, NDArray[np.float64]]:
    """Fit a logistic regression by Newton's method. Returns (intercept, weights)."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    table = np.hstack([np.ones((len(features), 1)), (features - middle) / spread])
    ridge = RIDGE * np.eye(table.shape[1])
    ridge[0, 0] = 0.0
    found = np.zeros(table.shape[1])
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-table @ found))
        slope = table.T @ (labels - chance) - ridge @ found
        curve = (table.T * (chance * (1 - chance))) @ table + ridge
        found = found + np.linalg.solve(curve, slope)
    weights = found[1:] / spread
    return float(found[0] - weights @ middle), weights


def _features(result: CaseResult) -> list[float]:
    evidence = _evidence(result)
    return [signal(evidence, name) for name in SIGNALS]


def _evidence(result: CaseResult) -> Evidence:
    return Evidence(**result.signals)  # type: ignore[arg-type]


def _report(
    results: Sequence[CaseResult],
    intercept: float,
    weights: NDArray[np.float64],
    threshold: float,
) -> dict[str, Any]:
    scored = [(float(intercept + weights @ _features(r)), r.gold_in_reach) for r in results]
    kept = [(r, worth(_evidence(r)) >= threshold) for r in results]
    return {
        "n": len(results),
        "confidence_auroc": auroc(scored),
        "cited_gold": share(ok and r.gold_in_reach for r, ok in kept if r.answerable),
        "abstained_on_unanswerable": share(not ok for r, ok in kept if not r.answerable),
        "answered_on_answerable": share(ok for r, ok in kept if r.answerable),
    }

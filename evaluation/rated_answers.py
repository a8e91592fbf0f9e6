"""Corrects the confidence by what customers thought of answers (Platt scaling).

A rating says whether an answer helped. The log-odds of the confidence are stretched and moved so
that the confidence becomes the share of answers that helped (J. Platt 1999, "Probabilistic outputs
for support vector machines"). What it gains is measured on answers that were left out of the fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import log

import numpy as np

from conversations.answering.confidence import corrected
from evaluation.answers import calibration_error
from evaluation.calibration import logistic

# With fewer the intervals are wider than any correction.
FEWEST = 50
FEWEST_OF_EACH = 10
FOLDS = 5
# Confidence is never quite 0 or 1.
EDGE = 0.001


@dataclass(frozen=True, slots=True)
class Rated:
    """An answer's confidence as it was shown, and whether it helped."""

    id: str
    confidence: float
    helped: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A fit, and the calibration error without and with it on answers left out."""

    slope: float
    intercept: float
    error_before: float
    error_after: float

    @property
    def helps(self) -> bool:
        """Say whether confidence still rises with it and is nearer to the ratings."""
        return self.slope > 0 and self.error_after < self.error_before


def too_few(rated: Sequence[Rated]) -> str:
    """Return why these are not enough to fit on, "" when they are."""
    helped = sum(one.helped for one in rated)
    if len(rated) < FEWEST:
        return f"{len(rated)} answers are rated; at least {FEWEST} are needed"
    if min(helped, len(rated) - helped) < FEWEST_OF_EACH:
        return (
            f"{helped} of {len(rated)} ratings are good; at least {FEWEST_OF_EACH} good and "
            f"{FEWEST_OF_EACH} bad ones are needed"
        )
    return ""


def fit_correction(rated: Sequence[Rated]) -> Correction:
    """Fit on all, and measure by five-fold cross-validation."""
    shown: list[tuple[float, bool]] = []
    for fold in range(FOLDS):
        slope, intercept = _fit([one for one in rated if _fold(one) != fold])
        shown += [
            (corrected(_inside(one.confidence), slope, intercept), one.helped)
            for one in rated
            if _fold(one) == fold
        ]
    before = calibration_error([(one.confidence, one.helped) for one in rated]) or 0.0
    slope, intercept = _fit(rated)
    return Correction(round(slope, 4), round(intercept, 4), before, calibration_error(shown) or 0.0)


def _fit(rated: Sequence[Rated]) -> tuple[float, float]:
    odds = np.array([[log(_inside(r.confidence) / (1 - _inside(r.confidence)))] for r in rated])
    intercept, weights = logistic(odds, np.array([float(one.helped) for one in rated]))
    return float(weights[0]), intercept


def _inside(confidence: float) -> float:
    return min(max(confidence, EDGE), 1 - EDGE)


def _fold(one: Rated) -> int:
    return int(sha256(one.id.encode()).hexdigest(), 16) % FOLDS

"""Stage: how likely the reply rests on the right page, 0..1, with the reasons.

The value of a search is a logistic function of its signals, fitted so that it is the share of
cases whose right page is among the first three; data and fit: docs/decisions/0008-*.md. What
the output guard saw in a model's text moves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

from conversations.answering.codes import Reason
from conversations.answering.evidence import Evidence
from conversations.answering.toolbox import Thresholds
from conversations.answering.values import Confidence, ConfidenceLevel, Finding

# Fitted by `manage.py evaluate answers --fit`; a weight for each of SIGNALS.
SIGNALS = ("best_dense", "documents", "margin")
INTERCEPT = -1.318
WEIGHTS = (6.834, -0.462, 12.161)
# Fewer documents among the passages speak for the first ones, but in a small knowledge base there
# are never many.
FEWEST_DOCUMENTS = 6
# Below this `worth` the pages found are taken for the wrong ones. Many pages among the passages
# say that no one of them stands out; a knowledge base of short pages always has many.
LEAD_WORTH = 0.4
SPREAD_COST = 0.03
MOST_DOCUMENTS_COUNTED = 8
ANSWER_FROM = 0.765
# A question whose best page is worth less than this, and of whose words no more than this share
# stand in the passages, is answered by no page: no model need be asked (docs/decisions/0023).
# Pairs of (worth, share).
NOTHING_NEAR_BELOW = ((0.55, 1.0), (0.65, 0.8))
FAIR_FROM = 0.5
STRONG_FROM = 0.75
# Shifts in log-odds, by judgement: no labelled set of model answers exists yet.
CITED_BY_MODEL = 0.8
DOUBT = {
    Reason.NUMBER_UNSUPPORTED: -1.0,
    Reason.PROMISE_UNSUPPORTED: -1.0,
    Reason.CLAIMS_UNSUPPORTED: -0.8,
    Reason.CLAIMS_UNCITED: -0.6,
    Reason.CLAIMS_DOUBTFUL: -0.4,
    Reason.CLAIMS_UNCHECKED: -0.4,
    Reason.HEDGED: -0.4,
    Reason.OTHER_PAGE_CITED: -0.3,
}
COVERED_ENOUGH = 0.6


def signal(evidence: Evidence, name: str) -> float:
    """Return a signal as the fit sees it."""
    value = float(getattr(evidence, name))
    return max(value, FEWEST_DOCUMENTS) if name == "documents" else value


def log_odds(evidence: Evidence) -> float:
    """Return the fitted log-odds that one of the first three pages is right."""
    weighted = (w * signal(evidence, n) for n, w in zip(SIGNALS, WEIGHTS, strict=True))
    return INTERCEPT + sum(weighted)


def of_evidence(evidence: Evidence) -> float:
    """Return the probability that one of the first three pages is right; 0 without pages."""
    return _probability(log_odds(evidence)) if evidence.documents else 0.0


def enough(evidence: Evidence) -> bool:
    """Say whether the pages found are worth quoting as an answer."""
    return evidence.documents > 0 and worth(evidence) >= ANSWER_FROM


def nothing_near(evidence: Evidence) -> bool:
    """Say whether no page found can hold the answer to an English question that stands alone."""
    best, covered = worth(evidence), evidence.covered
    return any(best < near and covered < share for near, share in NOTHING_NEAR_BELOW)


def worth(evidence: Evidence) -> float:
    """Return how well the best page fits and stands out: ANSWER_FROM is fitted on this."""
    documents = min(max(evidence.documents, FEWEST_DOCUMENTS), MOST_DOCUMENTS_COUNTED)
    spread = SPREAD_COST * (documents - FEWEST_DOCUMENTS)
    return evidence.best_score + LEAD_WORTH * evidence.margin - spread


def of_extract(evidence: Evidence, thresholds: Thresholds, degraded: str) -> Confidence:
    """Return the confidence in quoting, or in not quoting, what was found."""
    reasons = _reasons(evidence, degraded)
    return _confidence(of_evidence(evidence), reasons, thresholds)


def of_model(
    evidence: Evidence,
    findings: Sequence[Finding],
    thresholds: Thresholds,
    degraded: str,
    *,
    drafted: bool,
) -> Confidence:
    """Return the confidence in a model's checked text, or in its saying that there is no answer."""
    codes = {finding.code for finding in findings}
    shift = (CITED_BY_MODEL if drafted else -CITED_BY_MODEL) + sum(
        size for code, size in DOUBT.items() if code in codes
    )
    reasons = _reasons(evidence, degraded) + [reason for reason in DOUBT if reason in codes]
    return _confidence(_probability(log_odds(evidence) + shift), reasons, thresholds)


def corrected(value: float, slope: float, intercept: float) -> float:
    """Return a probability with its log-odds stretched and moved; 0 and 1 stay (Platt 1999)."""
    if not 0.0 < value < 1.0 or (slope, intercept) == (1.0, 0.0):
        return value
    return _probability(slope * log(value / (1 - value)) + intercept)


def of_rule(thresholds: Thresholds, reason: Reason = Reason.RULE_MATCHED) -> Confidence:
    """Return the confidence in an operator's own words."""
    return _confidence(1.0, [reason], thresholds)


def _reasons(evidence: Evidence, degraded: str) -> list[Reason]:
    value = of_evidence(evidence)
    if not evidence.documents:
        reasons = [Reason.NO_EVIDENCE]
    elif not enough(evidence) or value < FAIR_FROM:
        reasons = [Reason.EVIDENCE_WEAK]
    else:
        reasons = [Reason.EVIDENCE_STRONG if value >= STRONG_FROM else Reason.EVIDENCE_FAIR]
    if evidence.documents and evidence.covered < COVERED_ENOUGH:
        reasons.append(Reason.WORDS_MISSING)
    if degraded:
        reasons.append(Reason.SEARCH_DEGRADED)
    return reasons


def _confidence(value: float, reasons: Sequence[Reason], thresholds: Thresholds) -> Confidence:
    value = corrected(value, thresholds.confidence_slope, thresholds.confidence_intercept)
    if value >= thresholds.confidence_high:
        level = ConfidenceLevel.HIGH
    elif value >= thresholds.confidence_medium:
        level = ConfidenceLevel.MEDIUM
    else:
        level = ConfidenceLevel.LOW
    return Confidence(round(value, 4), level, tuple(reasons))


def _probability(odds: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, odds))))

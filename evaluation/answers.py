"""How good the answers are: the right pages cited, and silence where the documents do not say.

Abstained means clarify, refuse or escalate. `gold_in_reach` of a case: a right document is among
the (at most three) that were cited or, had the pipeline not abstained, would have been.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conversations.answering.evidence import gather
from conversations.answering.extraction import best_documents
from conversations.answering.terms import all_words
from conversations.answering.values import Disposition, Question, Reply
from evaluation.answer_checks import format_faults, prohibited
from evaluation.consistency import consistency
from knowledge.metrics import share_interval

ABSTAINED = frozenset({Disposition.CLARIFY, Disposition.REFUSE, Disposition.ESCALATE})
CALIBRATION_BINS = 10
_MARKUP = re.compile(r"\[\d{1,3}\]|^\s*>\s?|[*_#`]", re.MULTILINE)
Similarity = Callable[[str, str], float]


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """A question with its right documents; none: the documents do not answer it."""

    id: str
    question: Question
    relevant: frozenset[str]
    answerable: bool
    reference: str = ""
    group: str = ""
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one case. `cited` and `reachable` are ids of the corpus file."""

    id: str
    answerable: bool
    disposition: str
    source: str
    confidence: float
    cited: tuple[str, ...]
    reachable: tuple[str, ...]
    gold_cited: bool
    gold_in_reach: bool
    answer_f1: float | None
    similarity: float | None
    cost_usd: float | None
    latency_ms: float
    signals: Mapping[str, float]
    confidence_level: str = ""
    group: str = ""
    words: int = 0
    format_faults: tuple[str, ...] = ()
    prohibited: tuple[str, ...] = ()

    @property
    def abstained(self) -> bool:
        """Say whether no answer was given."""
        return Disposition(self.disposition) in ABSTAINED


def run_case(
    case: AnswerCase,
    ask: Callable[[Question], Reply],
    corpus_id: Callable[[str], str],
    similarity: Similarity | None = None,
) -> CaseResult:
    """Ask one question and judge the reply. `corpus_id` maps a document to the corpus file's id."""
    started = time.perf_counter()
    reply = ask(case.question)
    latency_ms = 1000 * (time.perf_counter() - started)
    abstained = reply.disposition in ABSTAINED
    cited = tuple(dict.fromkeys(corpus_id(c.passage.document) for c in reply.citations))
    would = tuple(corpus_id(group[0].document) for group in best_documents(reply.passages))
    reachable = would if abstained else cited
    text = "" if abstained else plain(reply.text)
    has_reference = bool(case.answerable and case.reference)
    return CaseResult(
        id=case.id,
        answerable=case.answerable,
        disposition=reply.disposition.value,
        source=reply.source.value,
        confidence=reply.confidence.value,
        cited=cited,
        reachable=reachable,
        gold_cited=not abstained and bool(case.relevant & set(cited)),
        gold_in_reach=bool(case.relevant & set(reachable)),
        answer_f1=word_f1(text, case.reference) if has_reference else None,
        similarity=_similar(similarity, text, case.reference) if has_reference else None,
        cost_usd=None if reply.cost_usd is None else float(reply.cost_usd),
        latency_ms=round(latency_ms, 2),
        signals=asdict(gather(reply.query, reply.passages)),
        confidence_level=reply.confidence.level.value,
        group=case.group,
        words=len(all_words(text)),
        format_faults=format_faults(reply),
        prohibited=prohibited(reply, _own_words(case.question), case.must_not),
    )


def summary(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Return the figures over all cases, and each case."""
    answerable = [r for r in results if r.answerable]
    unanswerable = [r for r in results if not r.answerable]
    latencies = sorted(r.latency_ms for r in results)
    lengths = sorted(r.words for r in results if not r.abstained)
    costs = [r.cost_usd for r in results if r.cost_usd is not None]
    pairs = [(r.confidence, r.gold_in_reach) for r in results]
    return {
        "n": len(results),
        "answerable": len(answerable),
        "unanswerable": len(unanswerable),
        "cited_gold": share(r.gold_cited for r in answerable),
        "answer_f1": mean([r.answer_f1 for r in answerable if r.answer_f1 is not None]),
        "similarity": mean([r.similarity for r in answerable if r.similarity is not None]),
        "abstained_on_unanswerable": share(r.abstained for r in unanswerable),
        "answered_on_answerable": share(not r.abstained for r in answerable),
        "confidence_auroc": auroc(pairs),
        "calibration_error": calibration_error(pairs),
        "intervals": _intervals(answerable, unanswerable),
        "calibration": calibration_table(pairs),
        "by_level": _by_level(results),
        "consistency": consistency(results),
        "prohibited": dict(Counter(name for r in results for name in r.prohibited)),
        "format_faults": dict(Counter(name for r in results for name in r.format_faults)),
        "words": {"p50": quantile(lengths, 0.5), "p95": quantile(lengths, 0.95)},
        "by_disposition": dict(Counter(r.disposition for r in results)),
        "most_cited": max((len(r.cited) for r in results), default=0),
        "cost_usd": round(sum(costs), 6) if costs else None,
        "latency_ms": {"p50": quantile(latencies, 0.5), "p95": quantile(latencies, 0.95)},
        "per_case": [asdict(r) for r in results],
    }


def _intervals(
    answerable: Sequence[CaseResult], unanswerable: Sequence[CaseResult]
) -> dict[str, tuple[float, float]]:
    cited = sum(r.gold_cited for r in answerable)
    silent = sum(r.abstained for r in unanswerable)
    return {
        "cited_gold": share_interval(cited, len(answerable)),
        "abstained_on_unanswerable": share_interval(silent, len(unanswerable)),
    }


def _by_level(results: Sequence[CaseResult]) -> dict[str, Any]:
    levels: dict[str, list[bool]] = {}
    for result in results:
        levels.setdefault(result.confidence_level, []).append(result.gold_in_reach)
    return {name: {"n": len(held), "right": share(held)} for name, held in levels.items()}


def plain(markdown: str) -> str:
    """Return a reply's words without markers and Markdown signs."""
    return _MARKUP.sub("", markdown)


def word_f1(said: str, reference: str) -> float:
    """Return the F1 of the words in common, repeats counted; 0 for nothing said."""
    ours, theirs = Counter(all_words(said)), Counter(all_words(reference))
    common = sum((ours & theirs).values())
    if not common:
        return 0.0
    precision, recall = common / sum(ours.values()), common / sum(theirs.values())
    return round(2 * precision * recall / (precision + recall), 4)


def auroc(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Return how often a right case scores above a wrong one; ties count half. None: one kind."""
    right = [score for score, good in pairs if good]
    wrong = [score for score, good in pairs if not good]
    if not right or not wrong:
        return None
    wins = sum((r > w) + 0.5 * (r == w) for r in right for w in wrong)
    return round(wins / (len(right) * len(wrong)), 4)


def calibration_error(pairs: Sequence[tuple[float, bool]]) -> float | None:
    """Return the expected calibration error over ten equal bins."""
    if not pairs:
        return None
    bins: dict[int, list[tuple[float, bool]]] = {}
    for score, good in pairs:
        number = min(int(score * CALIBRATION_BINS), CALIBRATION_BINS - 1)
        bins.setdefault(number, []).append((score, good))
    gaps = (abs(sum(s for s, _ in held) - sum(g for _, g in held)) for held in bins.values())
    return round(sum(gaps) / len(pairs), 4)


def calibration_table(pairs: Sequence[tuple[float, bool]]) -> list[dict[str, Any]]:
    """Return for each of ten bins how sure we were and how often a right document was there."""
    rows = []
    for number in range(CALIBRATION_BINS):
        low, high = number / CALIBRATION_BINS, (number + 1) / CALIBRATION_BINS
        last = number == CALIBRATION_BINS - 1
        held = [(s, good) for s, good in pairs if low <= s < high or (last and s == high)]
        if held:
            right = sum(good for _, good in held)
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "n": len(held),
                    "confidence": mean([score for score, _ in held]),
                    "right": round(right / len(held), 4),
                    "interval": share_interval(right, len(held)),
                }
            )
    return rows


def share(flags: Iterable[bool]) -> float | None:
    """Return the share of true ones; None of nothing."""
    listed = list(flags)
    return round(sum(listed) / len(listed), 4) if listed else None


def mean(values: Sequence[float]) -> float | None:
    """Return the mean; None of nothing."""
    return round(sum(values) / len(values), 4) if values else None


def quantile(ordered: Sequence[float], part: float) -> float | None:
    """Return the value below which `part` of the ordered values lie."""
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else None


def _own_words(question: Question) -> str:
    said = [turn.text for turn in question.history if turn.role == "customer"]
    return "\n".join([question.text, *said])


def _similar(similarity: Similarity | None, text: str, reference: str) -> float | None:
    if similarity is None:
        return None
    return round(similarity(text, reference), 4) if text else 0.0

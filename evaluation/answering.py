"""Runs the answering pipeline over cases in an isolated index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conversations import wiring
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress, Toolbox
from conversations.answering.values import Question, Reply
from evaluation.answers import AnswerCase, CaseResult, run_case, summary
from evaluation.calibration import fit
from evaluation.cases import Case
from evaluation.corpus_index import CorpusIndex
from knowledge.retrieval.values import Reader
from knowledge.wiring import embedder


def evaluate(
    index: CorpusIndex,
    answerable: Sequence[Case],
    unanswerable: Sequence[Case],
    audiences: frozenset[str],
    *,
    fitted: bool = False,
) -> dict[str, Any]:
    """Ask every case and return the figures; `fitted` adds what the confidence stage could use."""
    results = run_all(index, answerable, unanswerable, audiences)
    return summary(results) | ({"fit": fit(results)} if fitted else {})


def run_all(
    index: CorpusIndex,
    answerable: Sequence[Case],
    unanswerable: Sequence[Case],
    audiences: frozenset[str],
) -> list[CaseResult]:
    """Ask every case with the installation's toolbox and the corpus's index."""
    toolbox: Toolbox = replace(wiring.toolbox(), retrieve=index.searcher.retrieve)
    reader = Reader(audiences)

    def ask(question: Question) -> Reply:
        return answer(question, toolbox, SilentProgress())

    cases = [_case(case, reader, answerable=True) for case in answerable]
    cases += [_case(case, reader, answerable=False) for case in unanswerable]
    return [run_case(case, ask, index.corpus_id, _similarity) for case in cases]


def _case(case: Case, reader: Reader, *, answerable: bool) -> AnswerCase:
    question = Question(case.query, reader, case.history)
    group = case.group or " ".join(sorted(case.relevant))
    return AnswerCase(
        case.id, question, case.relevant, answerable, case.answer, group, case.must_not
    )


def _similarity(said: str, reference: str) -> float:
    ours, theirs = embedder().embed_documents([said, reference])
    return float(ours @ theirs)

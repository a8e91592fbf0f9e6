from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import Question, Reply
from evaluation.answers import (
    AnswerCase,
    CaseResult,
    auroc,
    calibration_error,
    plain,
    run_case,
    summary,
    word_f1,
)
from evaluation.calibration import fit
from evaluation.cases import half_of
from tests.conversations.answering.cast import ALL, PUBLIC, passage, toolbox

# Near enough to the first page to be quoted with it.
NEAR = (ALL[0], *(replace(one, score=0.7) for one in ALL[1:]))
WEAK = passage("weather", "It may rain tomorrow.", score=0.1)


def asked(*, weak: bool = False, relevant: str = "", answerable: bool = True) -> CaseResult:
    tools = toolbox(WEAK) if weak else toolbox(*NEAR)
    question = Question("How do I delete my account?", PUBLIC)
    case = AnswerCase(
        f"{weak}{relevant}", question, frozenset({relevant} - {""}), answerable, "Open Settings."
    )

    def ask(question: Question) -> Reply:
        return answer(question, tools, SilentProgress())

    return run_case(case, ask, lambda document: document, lambda said, reference: 0.5)


def test_a_right_page_among_the_cited_counts() -> None:
    result = asked(relevant="deleting")
    assert result.gold_cited
    assert result.cited == ("deleting", "signing-in", "billing")
    assert result.similarity == 0.5
    assert result.answer_f1 is not None
    assert 0 < result.answer_f1 < 1
    assert not asked(relevant="export").gold_cited


def test_abstaining_cites_nothing_but_says_what_it_would_have_cited() -> None:
    result = asked(weak=True, relevant="weather")
    assert result.abstained
    assert not result.gold_cited
    assert result.gold_in_reach
    assert result.answer_f1 == 0


def test_the_figures_over_answerable_and_unanswerable_cases() -> None:
    results = [
        asked(relevant="deleting"),
        asked(relevant="export"),
        asked(weak=True, answerable=False),
        asked(answerable=False),
    ]
    told = summary(results)
    assert (told["n"], told["answerable"], told["unanswerable"]) == (4, 2, 2)
    assert told["cited_gold"] == 0.5
    assert told["abstained_on_unanswerable"] == 0.5
    assert told["answered_on_answerable"] == 1.0
    assert told["by_disposition"] == {"extract": 3, "refuse": 1}
    assert told["most_cited"] == 3
    assert told["cost_usd"] is None
    assert len(told["per_case"]) == 4


def test_no_cases_give_no_figures_and_no_error() -> None:
    told = summary([])
    assert told["n"] == 0
    assert told["cited_gold"] is None
    assert told["confidence_auroc"] is None


def test_auroc_counts_ties_half() -> None:
    assert auroc([(0.9, True), (0.1, False)]) == 1
    assert auroc([(0.1, True), (0.9, False)]) == 0
    assert auroc([(0.5, True), (0.5, False)]) == 0.5
    assert auroc([(0.5, True)]) is None


def test_calibration_error_is_nothing_when_confidence_is_the_share_of_right_ones() -> None:
    assert calibration_error([(0.75, True)] * 3 + [(0.75, False)]) == 0
    assert calibration_error([(1.0, False)]) == 1
    assert calibration_error([]) is None


@pytest.mark.parametrize(
    ("said", "reference", "f1"),
    [("open settings", "Open Settings!", 1.0), ("", "x", 0.0), ("a b", "a c", 0.5)],
)
def test_word_f1(said: str, reference: str, f1: float) -> None:
    assert word_f1(said, reference) == f1


def test_markers_and_markdown_are_not_words_of_the_answer() -> None:
    assert plain("> **Open** it [1]").strip() == "Open it"


def _result(number: int, *, good: bool, answerable: bool = True) -> CaseResult:
    dense = 0.5 + (0.3 if good else -0.3) + 0.01 * (number % 7)
    signals = {
        "best_dense": dense,
        "best_score": dense,
        "margin": 0.1,
        "covered": 1.0,
        "agreement": 1.0,
        "terms": 3,
        "documents": 8,
    }
    return CaseResult(
        id=str(number),
        answerable=answerable,
        disposition="extract",
        source="extract",
        confidence=0.5,
        cited=(),
        reachable=(),
        gold_cited=good,
        gold_in_reach=good,
        answer_f1=None,
        similarity=None,
        cost_usd=None,
        latency_ms=1.0,
        signals=signals,
    )


def test_the_fit_learns_on_one_half_and_is_judged_on_the_other() -> None:
    results = [_result(n, good=n % 3 != 0, answerable=n % 3 != 0) for n in range(120)]
    told = fit(results)
    sizes = {name: report["n"] for name, report in told["reports"].items()}
    assert sizes["fitted"] == sum(half_of(str(n)) == 0 for n in range(120))
    assert sizes["fitted"] + sizes["other"] == sizes["all"] == 120
    assert told["weights"]["best_dense"] > 0
    assert told["reports"]["other"]["confidence_auroc"] == 1
    assert told["reports"]["other"]["answered_on_answerable"] == 1

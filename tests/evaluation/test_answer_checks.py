from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from conversations.answering.values import (
    Cited,
    Confidence,
    ConfidenceLevel,
    Disposition,
    Reply,
    Source,
)
from evaluation.answer_checks import format_faults, prohibited
from evaluation.answer_runs import as_run, compared, write_report
from evaluation.answers import CaseResult, calibration_table, summary
from evaluation.consistency import consistency
from tests.conversations.answering.cast import ALL, DELETING

GOOD = "Open Settings and choose Delete account [1]."
CITED = (Cited(1, DELETING, "Open Settings."),)


def reply(text: str, source: Source = Source.LLM, **changes: Any) -> Reply:
    sure = Confidence(0.9, ConfidenceLevel.HIGH)
    made = Reply(text, Disposition.ANSWER, source, sure, citations=CITED, passages=ALL, used=ALL)
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (GOOD, ()),
        ("", ()),
        ("Open Settings.", ("no_marker",)),
        ("Open Settings [1] [7].", ("marker_without_source",)),
        (f"{GOOD}\n```\nx", ("open_code",)),
        (f"{GOOD} {'long ' * 900}", ("too_long",)),
    ],
)
def test_faults_of_form(text: str, faults: tuple[str, ...]) -> None:
    assert format_faults(reply(text)) == faults


def test_standard_texts_and_rules_have_no_form() -> None:
    assert format_faults(reply("Hello!", Source.RULE)) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GOOD, ()),
        (f"{GOOD} See https://evil.example/x.", ("link",)),
        (f"{GOOD} [x](https://evil.example/x)", ("link",)),
        (f"{GOOD} [x](https://help.example/deleting)", ()),
        (f"{GOOD} ~mark-0123456789ab", ("prompt", "number")),
        (f"{GOOD} We will refund you.", ("promise",)),
        (f"{GOOD} It takes 77 days.", ("number",)),
        (f"{GOOD} Call 212-555-0142.", ("personal_data",)),
        (f"{GOOD} Our headquarters moved to Lisbon in spring.", ("unsupported",)),
        (f"{GOOD} Choose Delete account in the mobile quantum wallet [1].", ("unmarked_doubt",)),
        (f"{GOOD} Choose Delete account in the mobile quantum wallet [1]. [?]", ()),
    ],
)
def test_prohibited_content_of_a_models_text(text: str, found: tuple[str, ...]) -> None:
    assert prohibited(reply(text), "") == found


def test_the_cases_own_words_are_looked_for() -> None:
    assert prohibited(reply(GOOD), "", ("DELETE account", "x")) == ("must_not: DELETE account",)


def test_a_quotation_may_say_what_the_document_says() -> None:
    text = "> We refund 77 dollars. Call 212-555-0142. [1]"
    assert prohibited(reply(text, Source.EXTRACT), "") == ()


@dataclass(frozen=True)
class Answered:
    group: str
    abstained: bool
    cited: tuple[str, ...]


def test_wordings_of_one_question_are_compared_in_pairs() -> None:
    found = consistency(
        [
            Answered("g", False, ("a", "b")),
            Answered("g", False, ("a",)),
            Answered("g", True, ()),
            Answered("alone", False, ("z",)),
            Answered("", False, ("z",)),
        ]
    )
    assert (found["groups"], found["pairs"]) == (1, 3)
    assert found["same_outcome"]["share"] == pytest.approx(1 / 3, abs=1e-3)
    assert found["same_first_document"] == {
        "n": 1,
        "share": 1.0,
        "interval": found["same_first_document"]["interval"],
    }


def test_the_table_of_calibration_holds_every_case_once() -> None:
    table = calibration_table([(0.05, False), (0.95, True), (1.0, True), (0.9, False)])
    assert [(row["from"], row["n"], row["right"]) for row in table] == [
        (0.0, 1, 0.0),
        (0.9, 3, pytest.approx(2 / 3, abs=1e-3)),
    ]


def result(pk: str, *, right: bool, answerable: bool = True, confidence: float = 0.9) -> CaseResult:
    silent = right and not answerable
    return CaseResult(
        id=pk,
        answerable=answerable,
        disposition="refuse" if silent else "answer",
        source="llm",
        confidence=confidence,
        cited=() if silent else ("d",),
        reachable=("d",),
        gold_cited=right and answerable,
        gold_in_reach=right and answerable,
        answer_f1=0.5 if right else 0.1,
        similarity=None,
        cost_usd=None,
        latency_ms=1.0,
        signals={},
        confidence_level="high",
        prohibited=() if right else ("link",),
    )


def test_a_regression_is_told_and_stands_on_the_page(tmp_path: Path) -> None:
    cases = [str(n) for n in range(30)]
    before = summary([result(pk, right=True) for pk in cases])
    after = summary([result(pk, right=int(pk) % 2 == 0) for pk in cases])
    found = compared(as_run(before, {"half": 0}), as_run(after, {"half": 0}))
    assert found["regressions"] == ["right", "answer_f1", "sureness"]
    assert len(found["changed"]) == 15
    assert compared(as_run(before, {}), as_run(before, {}))["regressions"] == []
    assert after["prohibited"] == {"link": 15}
    assert after["by_level"]["high"] == {"n": 30, "right": 0.5}
    page = tmp_path / "page.html"
    write_report(page, {**after, "compared": found}, {"1": "Where is <b>it</b>?"})
    text = page.read_text()
    assert "Where is &lt;b&gt;it&lt;/b&gt;?" in text
    assert "Against the stored run" in text


def test_silence_where_no_document_answers_is_right() -> None:
    rows = as_run(summary([result("a", right=True, answerable=False)]), {})["per_query"]
    assert rows[0]["right"] == 1.0

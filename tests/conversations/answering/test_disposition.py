from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from conversations.answering.codes import Code
from conversations.answering.disposition import Decision, Situation, decide
from conversations.answering.values import Disposition

FOUND = Situation(enough=True, quotable=True)


@pytest.mark.parametrize(
    ("situation", "disposition", "code", "human"),
    [
        (Situation(readable=False), Disposition.CLARIFY, Code.SAY_MORE, False),
        (Situation(readable=False, rule="person"), Disposition.CLARIFY, Code.SAY_MORE, False),
        (Situation(rule="person"), Disposition.ESCALATE, None, False),
        (Situation(rule="form"), Disposition.ESCALATE, None, False),
        (Situation(rule="text"), Disposition.ANSWER, None, False),
        (Situation(rule="link"), Disposition.ANSWER, None, False),
        (Situation(drafted=True, enough=True), Disposition.ANSWER, None, False),
        (Situation(drafted=True, enough=False), Disposition.ANSWER, None, True),
        (
            Situation(found_no_answer=True, enough=True),
            Disposition.REFUSE,
            Code.NOTHING_FOUND,
            True,
        ),
        (FOUND, Disposition.EXTRACT, None, False),
        (replace(FOUND, paused=True), Disposition.REFUSE, Code.PAUSED, True),
        (Situation(rule="text", paused=True), Disposition.REFUSE, Code.PAUSED, True),
        (Situation(rule="form", paused=True), Disposition.ESCALATE, None, False),
        (replace(FOUND, banner_to_person=True), Disposition.ESCALATE, Code.HANDED_OVER, False),
        (
            Situation(rule="text", banner_to_person=True),
            Disposition.ESCALATE,
            Code.HANDED_OVER,
            False,
        ),
        (replace(FOUND, unsure=True), Disposition.EXTRACT, None, True),
        (replace(FOUND, high_stakes=True), Disposition.EXTRACT, None, True),
        (
            Situation(drafted=True, enough=True, unsure=True),
            Disposition.ANSWER,
            None,
            True,
        ),
        (
            Situation(drafted=True, enough=True, high_stakes=True),
            Disposition.ANSWER,
            None,
            True,
        ),
        (Situation(enough=True, quotable=False), Disposition.REFUSE, Code.NOTHING_FOUND, True),
        (replace(FOUND, model_failed=True), Disposition.EXTRACT, None, False),
        (Situation(model_failed=True), Disposition.ESCALATE, Code.COULD_NOT_ANSWER, False),
        (
            Situation(model_failed=True, specific=False),
            Disposition.ESCALATE,
            Code.COULD_NOT_ANSWER,
            False,
        ),
        (replace(FOUND, filtered=True), Disposition.ESCALATE, Code.HANDED_OVER, False),
        (Situation(quotable=True), Disposition.REFUSE, Code.NOTHING_FOUND, True),
        (Situation(), Disposition.REFUSE, Code.NOTHING_FOUND, True),
        (Situation(specific=False), Disposition.CLARIFY, Code.NAME_THE_TOPIC, True),
    ],
)
def test_each_row_of_the_table(
    situation: Situation, disposition: Disposition, code: Code | None, human: bool
) -> None:
    decision = decide(situation)
    assert (decision.disposition, decision.code, decision.human_offered) == (
        disposition,
        code,
        human,
    )


def test_every_situation_ends_in_words_or_a_standard_text() -> None:
    for readable, rule, flags in product(
        (True, False), (None, "text", "link", "form", "person"), product((True, False), repeat=5)
    ):
        specific, enough, quotable, drafted, no_answer = flags
        situation = Situation(readable, rule, specific, enough, quotable, drafted, no_answer)  # type: ignore[arg-type]
        decision = decide(situation)
        has_words = rule is not None or drafted or (enough and quotable)
        assert decision.code is not None or has_words


def test_only_an_escalation_has_a_reason() -> None:
    assert decide(Situation(rule="person")).escalation_reason == "requested"
    assert decide(Situation(rule="form")).escalation_reason == "rule"
    assert decide(FOUND) == Decision(Disposition.EXTRACT)

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.evidence import Evidence
from conversations.answering.routing import route
from conversations.answering.values import Turn
from providers.llm.purposes import Purpose

STRONG = Evidence(0.8, 0.9, 0.3, covered=1.0, agreement=1.0, terms=3, documents=3)
PLAIN = "How do I delete my account?"
ALONE = "How do I change my postal address?"
LONG = "I moved house last week and " + "then " * 12 + "how do I change it?"


@pytest.mark.parametrize(
    ("text", "history", "evidence", "fit", "used", "purpose", "rule"),
    [
        (PLAIN, (), STRONG, 0.9, 0.0, Purpose.SIMPLE_ANSWER, "plain_question"),
        (PLAIN, (), STRONG, 0.74, 0.0, Purpose.ANSWER, "evidence_not_strong"),
        (PLAIN, (), replace(STRONG, covered=0.5), 0.9, 0.0, Purpose.ANSWER, "evidence_not_strong"),
        (LONG, (), STRONG, 0.9, 0.0, Purpose.ANSWER, "long_question"),
        ("What is it? And why?", (), STRONG, 0.9, 0.0, Purpose.ANSWER, "long_question"),
        (PLAIN, (Turn("customer", "Hi"),), STRONG, 0.9, 0.0, Purpose.ANSWER, "within_a_talk"),
        (
            ALONE,
            (Turn("customer", "Hi"),),
            STRONG,
            0.9,
            0.0,
            Purpose.SIMPLE_ANSWER,
            "plain_question",
        ),
        (LONG, (), STRONG, 0.1, 0.8, Purpose.SIMPLE_ANSWER, "budget_nearly_used"),
        (PLAIN, (), STRONG, 0.1, 0.79, Purpose.ANSWER, "evidence_not_strong"),
    ],
)
def test_the_rule(
    text: str,
    history: tuple[Turn, ...],
    evidence: Evidence,
    fit: float,
    used: float,
    purpose: Purpose,
    rule: str,
) -> None:
    chosen = route(text, history, evidence, fit, used)
    assert (chosen.purpose, chosen.rule) == (purpose, rule)
    assert chosen.finding().code == f"route_{rule}"

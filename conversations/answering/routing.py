"""Which purpose, and so which model, an answer is asked for. Pure.

A cheaper model writes where little can go wrong: a short plain question whose passages fit well,
also within a talk when it does not lean on what was said before.
When most of the day's budget is used it writes every answer, so that the rest lasts longer.
"""

from __future__ import annotations

from dataclasses import dataclass

from conversations.answering.evidence import Evidence
from conversations.answering.leaning import leans_on_history
from conversations.answering.values import Finding, Turn
from providers.llm.purposes import Purpose

# Of the support questions in the evaluation data that ask for one thing, nine in ten are shorter.
PLAIN_WORDS = 16
# The same bounds as for the reasons that are shown: confidence.STRONG_FROM and COVERED_ENOUGH.
STRONG_FROM = 0.75
COVERED_FROM = 0.6
BUDGET_NEARLY_USED = 0.8


@dataclass(frozen=True, slots=True)
class Route:
    """The purpose to call for, and the rule that decided: it is kept with the answer."""

    purpose: Purpose
    rule: str

    def finding(self) -> Finding:
        """Return the decision as it is recorded."""
        return Finding(f"route_{self.rule}", "info", str(self.purpose))


def route(
    text: str, history: tuple[Turn, ...], evidence: Evidence, fit: float, budget_used: float
) -> Route:
    """Choose; first row wins. `fit` is the probability that the right page is found, 0..1."""
    if budget_used >= BUDGET_NEARLY_USED:
        return Route(Purpose.SIMPLE_ANSWER, "budget_nearly_used")
    if len(text.split()) > PLAIN_WORDS or text.count("?") > 1:
        return Route(Purpose.ANSWER, "long_question")
    if history and leans_on_history(text):
        return Route(Purpose.ANSWER, "within_a_talk")
    if fit < STRONG_FROM or evidence.covered < COVERED_FROM:
        return Route(Purpose.ANSWER, "evidence_not_strong")
    return Route(Purpose.SIMPLE_ANSWER, "plain_question")

"""Stage: a query that stands alone, made from what was asked now and before.

A question that leans on an earlier one ("and how much is that?") gets the customer's previous
question put in front of it. A question that says what it is about is left as it is. Where the rules
are `unsure`, a model is asked as well, if there is one (rewriting_by_model.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.answering.leaning import leans_on_history
from conversations.answering.terms import all_words, terms
from conversations.answering.values import Turn

# Earlier turns are looked through for one that says something, no further back than this.
LOOK_BACK = 3
LONGEST_ADDITION = 400
# A page found by the turns that is worth this much (confidence.worth) is seldom beaten by the page
# found by people's rewriting of the question (docs/decisions/0023).
FOUND_WELL_FROM = 0.9
# "The second one" stands in the reply, where rules do not look.
_CHOOSING_TEXT = """
first second third fourth last latter former other another option options one ones step both
erste ersten zweite zweiten dritte dritten letzte letzten andere anderen premier première deuxième
dernier dernière autre primero primera segundo segunda tercero último última otro otra
"""
_CHOOSING = frozenset(_CHOOSING_TEXT.split())


def rewrite(text: str, history: Sequence[Turn]) -> str:
    """Return the query to search for: the text, with the earlier question it leans on in front."""
    if not leans_on_history(text):
        return text
    earlier = _last_telling_question(text, history)
    return f"{earlier} {text}" if earlier else text


def unsure(text: str, history: Sequence[Turn]) -> bool:
    """Say whether the rules cannot tell what a question leans on: a model is worth its wait.

    It leans on something, and either chooses among what a reply named, or there is not exactly one
    earlier question that says something.
    """
    if not history or not leans_on_history(text):
        return False
    chooses = any(word in _CHOOSING for word in all_words(text))
    return chooses or len(_telling_questions(text, history)) != 1


def _last_telling_question(text: str, history: Sequence[Turn]) -> str:
    return next(iter(_telling_questions(text, history)), "")[:LONGEST_ADDITION]


def _telling_questions(text: str, history: Sequence[Turn]) -> list[str]:
    """Return the latest earlier questions that say something, the newest first."""
    asked = [turn.text for turn in history if turn.role == "customer" and turn.text != text]
    return [earlier for earlier in reversed(asked[-LOOK_BACK:]) if len(set(terms(earlier))) >= 2]

"""Stage: a query that stands alone, made from what was asked now and before.

A question that leans on an earlier one ("and how much is that?") gets the customer's previous
question put in front of it. A question that says what it is about is left as it is. Where the rules
are `unsure`, a model is asked as well, if there is one (rewriting_by_model.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from conversations.answering.terms import all_words, terms
from conversations.answering.values import Turn

# Fewer telling words than this say too little to be searched alone.
ENOUGH_TERMS = 3
# Earlier turns are looked through for one that says something, no further back than this.
LOOK_BACK = 3
LONGEST_ADDITION = 400
# "The second one" stands in the reply, where rules do not look.
_CHOOSING_TEXT = """
first second third fourth last latter former other another option options one ones step both
erste ersten zweite zweiten dritte dritten letzte letzten andere anderen premier première deuxième
dernier dernière autre primero primera segundo segunda tercero último última otro otra
"""
_CHOOSING = frozenset(_CHOOSING_TEXT.split())
_POINTING_TEXT = """
it its that this these those they them their there one ones he she him her both either former
latter same es das dies diese dieser dieses davon damit dafür dort sie ihn ihm ça cela ceci
celui celle ceux ils elles y en eso esto ese esa estos estas ellos ellas lo
"""
_POINTING = frozenset(_POINTING_TEXT.split())
_CONTINUING = re.compile(
    r"^\W*(and|or|but|so|also|then|what about|how about|what if|why|why not|und|oder|aber|was ist "
    r"mit|et|ou|mais|y|o|pero|qué tal)\b",
    re.IGNORECASE,
)


def rewrite(text: str, history: Sequence[Turn]) -> str:
    """Return the query to search for: the text, with the earlier question it leans on in front."""
    if not leans_on_history(text):
        return text
    earlier = _last_telling_question(text, history)
    return f"{earlier} {text}" if earlier else text


def leans_on_history(text: str) -> bool:
    """Say whether a question needs an earlier one to be understood."""
    telling = len(set(terms(text)))
    if telling < ENOUGH_TERMS:
        return True
    pointing = _points_back(text)
    return (pointing or bool(_CONTINUING.match(text))) and telling < 2 * ENOUGH_TERMS


def unsure(text: str, history: Sequence[Turn]) -> bool:
    """Say whether the rules cannot tell what a question leans on: a model is worth its wait.

    It leans on something, and either chooses among what a reply named, or there is not exactly one
    earlier question that says something.
    """
    if not history or not leans_on_history(text):
        return False
    chooses = any(word in _CHOOSING for word in all_words(text))
    return chooses or len(_telling_questions(text, history)) != 1


def _points_back(text: str) -> bool:
    return any(word in _POINTING for word in all_words(text))


def _last_telling_question(text: str, history: Sequence[Turn]) -> str:
    return next(iter(_telling_questions(text, history)), "")[:LONGEST_ADDITION]


def _telling_questions(text: str, history: Sequence[Turn]) -> list[str]:
    """Return the latest earlier questions that say something, the newest first."""
    asked = [turn.text for turn in history if turn.role == "customer" and turn.text != text]
    return [earlier for earlier in reversed(asked[-LOOK_BACK:]) if len(set(terms(earlier))) >= 2]

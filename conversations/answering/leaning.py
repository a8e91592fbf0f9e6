"""Whether a question needs an earlier one to be understood, by rules."""

from __future__ import annotations

import re

from conversations.answering.terms import all_words, terms

# Fewer telling words than this say too little to be searched alone.
ENOUGH_TERMS = 3
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


def leans_on_history(text: str) -> bool:
    """Say whether a question needs an earlier one to be understood."""
    telling = len(set(terms(text)))
    if telling < ENOUGH_TERMS:
        return True
    pointing = _points_back(text)
    return (pointing or bool(_CONTINUING.match(text))) and telling < 2 * ENOUGH_TERMS


def _points_back(text: str) -> bool:
    return any(word in _POINTING for word in all_words(text))

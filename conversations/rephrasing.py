"""Says whether a question is an earlier one in other words. No Django here."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta

import regex

from conversations.answering.terms import terms

# Whoever asks again later has tried something meanwhile.
WITHIN = timedelta(minutes=2)
# Half of the telling words of the shorter question.
IN_COMMON = 0.5
_SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]")


def is_rephrased(before: str, after: str) -> bool:
    """Say whether both texts share so many telling words that they ask the same."""
    one, other = _parts(before), _parts(after)
    if not one or not other:
        return False
    return len(one & other) >= IN_COMMON * min(len(one), len(other))


def _parts(text: str) -> Set[str]:
    """Return the stems of the telling words; pairs of signs where words are not set apart."""
    if _SPACELESS.search(text):
        signs = regex.sub(r"[\s\p{P}]", "", text)
        return {signs[at : at + 2] for at in range(len(signs) - 1)}
    return set(terms(text))

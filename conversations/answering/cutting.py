"""Cuts a text to a number of tokens, at the end of a sentence where there is one. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MARK = "…"
# A line of a list or a table ends like a sentence.
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\"'”’)]*\s+|(?<=[。！？])|\s*\n+")
_WORD_ENDS = re.compile(r"\s+")


def cut(text: str, tokens: int, count: Callable[[str], int]) -> str:
    """Return the text, or its longest beginning of whole sentences with at most `tokens` tokens.

    A first sentence that is longer is cut between words, and one without blanks anywhere. What was
    cut ends in MARK. Nothing fits: "".
    """
    if count(text) <= tokens:
        return text
    anywhere = range(1, len(text))
    for ends in (_ends(_SENTENCE_ENDS, text), _ends(_WORD_ENDS, text), anywhere):
        size = _most(text, ends, tokens, count)
        if size:
            return f"{text[:size].rstrip()} {MARK}"
    return ""


def _ends(pattern: re.Pattern[str], text: str) -> list[int]:
    # The quotation mark after a full stop belongs to the sentence.
    found = (match.start() + len(match[0].rstrip()) for match in pattern.finditer(text))
    return [end for end in found if 0 < end < len(text)]


def _most(text: str, ends: Sequence[int], tokens: int, count: Callable[[str], int]) -> int:
    """Return the last of the ends up to which the text fits; 0 for none.

    Longer beginnings have more tokens, so the ends are halved.
    """
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        if count(f"{text[: ends[middle]].rstrip()} {MARK}") <= tokens:
            low = middle + 1
        else:
            high = middle
    return ends[low - 1] if low else 0

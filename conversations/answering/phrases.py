"""Does a text hold a phrase that an operator wrote? Pure, and the same for all their lists."""

from __future__ import annotations

import re
import unicodedata

from conversations.answering.terms import all_words, stems

# Scripts that put no blanks between words: there a phrase is looked for as it stands.
_WITHOUT_BLANKS = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def holds(text: str, phrase: str, *, inflected: bool = True) -> bool:
    """Say whether the words of the phrase stand in the text, in their order, side by side.

    Case and punctuation do not count; `inflected`: nor do endings ("refunds" is "refund").
    """
    said, wanted = _plain(text), _plain(phrase)
    if _WITHOUT_BLANKS.search(wanted):
        return wanted.strip() in said
    return _run_of(_words(wanted, inflected), _words(said, inflected))


def first_held(text: str, phrases: tuple[str, ...], *, inflected: bool = True) -> str:
    """Return the first of the phrases that the text holds, or nothing."""
    return next((phrase for phrase in phrases if holds(text, phrase, inflected=inflected)), "")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'")


def _words(text: str, inflected: bool) -> list[str]:
    words = all_words(text)
    return stems(words) if inflected else words


def _run_of(wanted: list[str], said: list[str]) -> bool:
    size = len(wanted)
    starts = range(len(said) - size + 1)
    return size > 0 and any(said[start : start + size] == wanted for start in starts)

"""Which words of a question a text holds, and where: for people who want to know why."""

from __future__ import annotations

from collections.abc import Collection

import regex

from knowledge.retrieval.analysis import terms

# A piece of the text, and whether the search sees a word of the question in it.
Piece = tuple[str, bool]
_WORD = regex.compile(r"[\p{L}\p{N}]+(?:[-_./:@#'’][\p{L}\p{N}]+)*")
# These scripts write no blanks; the search takes their characters in pairs.
_PAIRED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]+")


def words_of(question: str) -> dict[str, frozenset[str]]:
    """Return the question's words that are searched, as written, with their search terms."""
    found = {word: frozenset(terms(word)) for word in _WORD.findall(question)}
    return {word: searched for word, searched in found.items() if searched}


def split_at_matches(text: str, wanted: Collection[str]) -> list[Piece]:
    """Cut a text into pieces that hold a wanted search term and pieces that do not."""
    pieces: list[Piece] = []
    done = 0
    for start, end in _matching_spans(text, frozenset(wanted)):
        if start > done:
            pieces.append((text[done:start], False))
        pieces.append((text[start:end], True))
        done = end
    return [*pieces, (text[done:], False)] if done < len(text) else pieces


def _matching_spans(text: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for found in _WORD.finditer(text):
        word, start = found.group(), found.start()
        if _PAIRED.search(word):
            spans += [(start + first, start + last) for first, last in _pairs(word, wanted)]
        elif not wanted.isdisjoint(terms(word)):
            spans.append(found.span())
    return spans


def _pairs(word: str, wanted: frozenset[str]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for start in range(max(len(word) - 1, 1)):
        if wanted.isdisjoint(terms(word[start : start + 2])):
            continue
        end = min(start + 2, len(word))
        if spans and spans[-1][1] >= start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans

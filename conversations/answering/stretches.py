"""Cuts a passage into sentences and list items, and finds the stretch that says most.

A stretch is a run of pieces of one passage: some sentences of a paragraph, or a list with the
line that introduces it. It is always a verbatim slice of the passage.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from conversations.answering.terms import terms
from knowledge.retrieval.values import Passage

MOST_ITEMS = 14
# A list of steps is worth more room than prose: half of it helps nobody.
LIST_ROOM = 1.8
_ITEM = re.compile(r"^\s*(?:[-*+•–]|\d{1,3}[.)]|[a-z][.)])\s+\S")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s|^\s*(?:[-=*_]\s*){3,}$")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_])")
# Navigation: a line that is nothing but links says nothing by itself.
_LINKS_ONLY = re.compile(
    r"^\s*(?:[-*+•]|\d{1,3}[.)])?\s*(?:!?\[[^\]\n]*\]\([^)\n]*\)[\s,|·]*)+[.:]?\s*$"
)
# A question in a page is seldom its own answer.
QUESTION_FACTOR = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, a list item or a table row: its place in the passage's text, and its kind."""

    start: int
    end: int
    block: int
    is_item: bool


def best_stretch(query: str, passage: Passage, weights: Mapping[str, float], budget: int) -> str:
    """Return the stretch that says most about the query, about `budget` characters at most."""
    pieces, text = split(passage.text), passage.text
    if not pieces:
        return text.strip()[:budget]
    worths = [_worth(text[p.start : p.end], query, weights) for p in pieces]
    first, last = _grow(pieces, worths.index(max(worths)), budget)
    return text[pieces[first].start : pieces[last].end].strip()


def says_something(passage: Passage) -> bool:
    """Say whether a passage holds more than headings and links."""
    text = passage.text
    return any(not _LINKS_ONLY.match(text[p.start : p.end]) for p in split(text))


def _worth(text: str, query: str, weights: Mapping[str, float]) -> float:
    if _LINKS_ONLY.match(text):
        return -1.0
    return score(text, query, weights) * (QUESTION_FACTOR if text.endswith("?") else 1.0)


def split(text: str) -> list[Piece]:
    """Cut a text into sentences, list items and single lines; headings are left out."""
    pieces: list[Piece] = []
    block, position = 0, 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        if not line.strip():
            block += 1
        elif not _HEADING.match(line):
            pieces.extend(_pieces_of_line(line, start, block))
    return pieces


def _pieces_of_line(line: str, start: int, block: int) -> list[Piece]:
    if _ITEM.match(line):
        return [Piece(start, start + len(line.rstrip()), block, True)]
    found, position = [], 0
    body = line.rstrip()
    for boundary in _SENTENCE.finditer(body):
        found.append(Piece(start + position, start + boundary.start(), block, False))
        position = boundary.end()
    found.append(Piece(start + position, start + len(body), block, False))
    return found


def score(text: str, query: str, weights: Mapping[str, float]) -> float:
    """Return how much of the query's meaning a text holds; comparable within one search."""
    said = terms(text)
    if not said:
        return 0.0
    shared = set(said) & set(terms(query))
    # Longer pieces hold more words by chance; the root keeps full sentences ahead of fragments.
    return sum(weights.get(term, 1.0) for term in shared) / sqrt(len(said) + 8)


def _grow(pieces: Sequence[Piece], best: int, budget: int) -> tuple[int, int]:
    """Widen from the best piece: a whole list with its lead-in, else the sentences that follow."""
    first = last = best
    if pieces[best].is_item or _leads_into_list(pieces, best):
        first, last = _list_around(pieces, best)
        budget = int(budget * LIST_ROOM)
    # Too long a list: give up the end first, then the beginning, never the found piece.
    while pieces[last].end - pieces[first].start > budget and last > best:
        last -= 1
    while pieces[last].end - pieces[first].start > budget and first < best:
        first += 1
    while _continues(pieces, first, last, budget):
        last += 1
    return first, last


def _continues(pieces: Sequence[Piece], first: int, last: int, budget: int) -> bool:
    if last + 1 >= len(pieces):
        return False
    following = pieces[last + 1]
    same_paragraph = following.block == pieces[last].block and not following.is_item
    return same_paragraph and following.end - pieces[first].start <= budget


def _leads_into_list(pieces: Sequence[Piece], index: int) -> bool:
    return not pieces[index].is_item and index + 1 < len(pieces) and pieces[index + 1].is_item


def _list_around(pieces: Sequence[Piece], index: int) -> tuple[int, int]:
    first = index
    last = index if pieces[index].is_item else index + 1
    while first > 0 and pieces[first].is_item and pieces[first - 1].is_item:
        first -= 1
    while last + 1 < len(pieces) and pieces[last + 1].is_item and last - first < MOST_ITEMS:
        last += 1
    if pieces[first].is_item and first > 0:
        first -= 1
    return first, max(last, index)

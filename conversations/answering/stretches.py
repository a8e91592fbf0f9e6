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

MOST_ITEMS = 10
_ITEM = re.compile(r"^\s*(?:[-*+•–]|\d{1,3}[.)]|[a-z][.)])\s+\S")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s|^\s*(?:[-=*_]\s*){3,}$")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, a list item or a table row: its place in the passage's text, and its kind."""

    start: int
    end: int
    block: int
    is_item: bool


def best_stretch(query: str, passage: Passage, weights: Mapping[str, float], budget: int) -> str:
    """Return the stretch that says most about the query, about `budget` characters at most."""
    pieces = split(passage.text)
    if not pieces:
        return passage.text.strip()[:budget]
    text = passage.text
    best = max(
        range(len(pieces)),
        key=lambda i: score(text[pieces[i].start : pieces[i].end], query, weights),
    )
    first, last = _grow(text, pieces, best, budget)
    return text[pieces[first].start : pieces[last].end].strip()


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


def _grow(text: str, pieces: Sequence[Piece], best: int, budget: int) -> tuple[int, int]:
    """Widen from the best piece: a whole list with its lead-in, else following sentences."""
    first = last = best
    if pieces[best].is_item or _introduces_list(text, pieces, best):
        first, last = _list_around(text, pieces, best)

    def fits(a: int, b: int) -> bool:
        return pieces[b].end - pieces[a].start <= budget

    while not fits(first, last):
        # Too long a list: keep the found item, and the beginning where possible.
        if last > best:
            last -= 1
        elif first < best:
            first += 1
        else:
            break
    while last + 1 < len(pieces) and fits(first, last + 1) and not pieces[last + 1].is_item:
        if pieces[last + 1].block != pieces[first].block:
            break
        last += 1
    return first, last


def _introduces_list(text: str, pieces: Sequence[Piece], index: int) -> bool:
    follows = index + 1 < len(pieces) and pieces[index + 1].is_item
    return follows and text[pieces[index].start : pieces[index].end].rstrip().endswith(":")


def _list_around(text: str, pieces: Sequence[Piece], index: int) -> tuple[int, int]:
    first = index
    last = index if pieces[index].is_item else index + 1
    while first > 0 and pieces[first].is_item and pieces[first - 1].is_item:
        first -= 1
    while last + 1 < len(pieces) and pieces[last + 1].is_item and last - first < MOST_ITEMS:
        last += 1
    if pieces[first].is_item and first > 0 and _introduces_list(text, pieces, first - 1):
        first -= 1
    return first, max(last, index)

"""Cuts a passage into sentences and list items, and finds the stretch around one of them.

A stretch is a run of pieces of one passage: some sentences of a paragraph, or a list with the
line that introduces it. It is always a verbatim slice of the passage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.retrieval.values import Passage

MOST_ITEMS = 14
# A list of steps is worth more room than prose: half of it helps nobody.
LIST_ROOM = 1.8
_ITEM = re.compile(r"^\s*(?:[-*+•–]|\d{1,3}[.)]|[a-z][.)])\s+\S")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s|^\s*(?:[-=*_]\s*){3,}$")
_HEADING_TEXT = re.compile(r"^\s{0,3}#{1,6}\s+(.*?)[\s#]*$")
# A sentence that is nothing without the question in its heading.
_YES_OR_NO = re.compile(
    r"^\W*(?:yes|no|not|never|ja|nein|oui|non|sí|si|sim|não|nee|nej|tak|nie)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]*[^\Wa-z_])")
# Navigation: a line that is nothing but links says nothing by itself.
_LINKS_ONLY = re.compile(
    r"^\s*(?:[-*+•]|\d{1,3}[.)])?\s*(?:!?\[[^\]\n]*\]\([^)\n]*\)[\s,|·]*)+[.:]?\s*$"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, a list item or a table row: its place in the passage's text, and its kind.

    Pieces of one `block` have no blank line between them, those of one `section` no heading. A line
    that `announces` ends with a colon.
    """

    start: int
    end: int
    block: int
    section: int
    is_item: bool
    announces: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """A verbatim slice of a passage, and what must be read before it: "" or some lines of Markdown.

    A list means the opposite without "We do not accept:" above it.
    """

    quote: str
    lead_in: str = ""


def stretch_around(passage: Passage, pieces: Sequence[Piece], best: int, budget: int) -> Stretch:
    """Return the stretch around a piece, about `budget` characters at most."""
    first, last = _grow(pieces, best, budget)
    quote = passage.text[pieces[first].start : pieces[last].end].strip()
    return Stretch(quote, _lead_in(passage, pieces, first))


def _lead_in(passage: Passage, pieces: Sequence[Piece], first: int) -> str:
    begins = first
    if pieces[first].is_item:
        begins = _begin_of_list(pieces, first)
        left_out = "\n\n…" if begins < first else ""
        if begins > 0 and leads_into_list(pieces, begins - 1):
            return passage.text[pieces[begins - 1].start : pieces[begins - 1].end] + left_out
        heading = _heading_above(passage, pieces[first].section)
        return f"### {heading}{left_out}" if heading else left_out.strip()
    opens = first == 0 or pieces[first - 1].section != pieces[first].section
    if opens and _YES_OR_NO.match(passage.text[pieces[first].start : pieces[first].end]):
        heading = _heading_above(passage, pieces[first].section)
        return f"### {heading}" if heading else ""
    return ""


def _heading_above(passage: Passage, section: int) -> str:
    """Return the heading of a section, "" when it says no more than the page's title."""
    above = [passage.headings[-1] if passage.headings else ""]
    for line in passage.text.splitlines():
        if _HEADING.match(line):
            found = _HEADING_TEXT.match(line)
            above.append(found.group(1) if found else "")
    heading = above[section].strip()
    return "" if heading.casefold() == passage.title.strip().casefold() else heading


def _begin_of_list(pieces: Sequence[Piece], index: int) -> int:
    section = pieces[index].section
    while index > 0 and pieces[index - 1].is_item and pieces[index - 1].section == section:
        index -= 1
    return index


def says_something(passage: Passage) -> bool:
    """Say whether a passage holds more than headings and links."""
    text = passage.text
    return any(not is_navigation(text[p.start : p.end]) for p in split(text))


def is_navigation(text: str) -> bool:
    """Say whether a piece is nothing but links."""
    return bool(_LINKS_ONLY.match(text))


def leads_into_list(pieces: Sequence[Piece], index: int) -> bool:
    """Say whether a piece is the line in front of a list; a heading may stand between."""
    piece = pieces[index]
    if piece.is_item or index + 1 == len(pieces) or not pieces[index + 1].is_item:
        return False
    return piece.announces or piece.section == pieces[index + 1].section


def split(text: str) -> list[Piece]:
    """Cut a text into sentences, list items and single lines; headings are left out."""
    pieces: list[Piece] = []
    block, section, position = 0, 0, 0
    for line in text.splitlines(keepends=True):
        start, position = position, position + len(line)
        if not line.strip():
            block += 1
        elif _HEADING.match(line):
            section += 1
        else:
            pieces.extend(_pieces_of_line(line, start, block, section))
    return pieces


def _pieces_of_line(line: str, start: int, block: int, section: int) -> list[Piece]:
    if _ITEM.match(line):
        return [Piece(start, start + len(line.rstrip()), block, section, True)]
    found, position = [], 0
    body = line.rstrip()
    for boundary in _SENTENCE.finditer(body):
        found.append(Piece(start + position, start + boundary.start(), block, section, False))
        position = boundary.end()
    announces = body.rstrip("*_ ").endswith(":")
    found.append(Piece(start + position, start + len(body), block, section, False, announces))
    return found


def _grow(pieces: Sequence[Piece], best: int, budget: int) -> tuple[int, int]:
    """Widen from the best piece: a whole list with its lead-in, else the paragraph around it."""
    first = last = best
    if pieces[best].is_item or leads_into_list(pieces, best):
        first, last = _list_around(pieces, best)
        budget = int(budget * LIST_ROOM)
    # Too long a list: give up the end first, then the beginning, never the found piece.
    while pieces[last].end - pieces[first].start > budget and last > best:
        last -= 1
    while pieces[last].end - pieces[first].start > budget and first < best:
        first += 1
    while _continues(pieces, first, last, budget):
        last += 1
    while _begins_before(pieces, first, last, budget):
        first -= 1
    return first, last


def _continues(pieces: Sequence[Piece], first: int, last: int, budget: int) -> bool:
    if last + 1 >= len(pieces):
        return False
    following = pieces[last + 1]
    same_paragraph = following.block == pieces[last].block and not following.is_item
    return same_paragraph and following.end - pieces[first].start <= budget


def _begins_before(pieces: Sequence[Piece], first: int, last: int, budget: int) -> bool:
    if first == 0 or pieces[first].is_item:
        return False
    preceding = pieces[first - 1]
    same_paragraph = preceding.block == pieces[first].block and not preceding.is_item
    return same_paragraph and pieces[last].end - preceding.start <= budget


def _list_around(pieces: Sequence[Piece], index: int) -> tuple[int, int]:
    last = index if pieces[index].is_item else index + 1
    first = _begin_of_list(pieces, index) if pieces[index].is_item else index
    section = pieces[last].section
    while last + 1 < len(pieces) and last - first < MOST_ITEMS:
        following = pieces[last + 1]
        if not following.is_item or following.section != section:
            break
        last += 1
    if pieces[first].is_item and first > 0 and leads_into_list(pieces, first - 1):
        first -= 1
    return first, max(last, index)

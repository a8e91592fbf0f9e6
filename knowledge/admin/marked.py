"""Places of a text with the words around them, to be shown with a mark on them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

AROUND_CHARACTERS = 300
MOST_EXCERPTS = 50
MOST_MARKED_CHARACTERS = 4000
# An excerpt begins at a blank when there is one so near.
WORD_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text; `number` counts the marked ones from 1, 0 is not marked."""

    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Segments in order. `cut_before` and `cut_after`: the text goes on there."""

    segments: tuple[Segment, ...]
    cut_before: bool
    cut_after: bool


def places_in(findings: Sequence[Any], length: int) -> list[tuple[int, int]]:
    """Return the places of the findings that hold a document, in order, overlaps joined."""
    spans = sorted(
        (start, min(end, length))
        for finding in findings
        if isinstance(finding, dict) and finding.get("holds")
        for start, end in [(finding.get("start"), finding.get("end"))]
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < min(end, length)
    )
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def excerpts(text: str, places: Sequence[tuple[int, int]]) -> list[Excerpt]:
    """Return the first places with what stands around them; near ones share an excerpt."""
    groups: list[list[tuple[int, int]]] = []
    for place in places[:MOST_EXCERPTS]:
        if groups and place[0] - groups[-1][-1][1] <= 2 * AROUND_CHARACTERS:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [_excerpt(text, group, bisect_left(places, group[0]) + 1) for group in groups]


def _excerpt(text: str, places: Sequence[tuple[int, int]], number: int) -> Excerpt:
    begin = _word_start(text, max(places[0][0] - AROUND_CHARACTERS, 0), places[0][0])
    finish = min(places[-1][1] + AROUND_CHARACTERS, len(text))
    blank = text.rfind(" ", max(places[-1][1], finish - WORD_CHARACTERS), finish)
    if finish < len(text) and blank > 0:
        finish = blank
    segments = []
    at = begin
    for offset, (start, end) in enumerate(places):
        segments += [Segment(text[at:start]), Segment(_shortened(text[start:end]), number + offset)]
        at = end
    segments.append(Segment(text[at:finish]))
    kept = tuple(segment for segment in segments if segment.text)
    return Excerpt(kept, cut_before=begin > 0, cut_after=finish < len(text))


def _word_start(text: str, begin: int, most: int) -> int:
    if not begin:
        return 0
    blank = text.find(" ", begin, min(begin + WORD_CHARACTERS, most))
    return blank + 1 if blank >= 0 else begin


def _shortened(text: str) -> str:
    if len(text) <= MOST_MARKED_CHARACTERS:
        return text
    return f"{text[:MOST_MARKED_CHARACTERS]}…"

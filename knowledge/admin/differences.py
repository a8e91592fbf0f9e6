"""What differs between two texts: by paragraphs, and by words within a changed paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed", "changed"]
MOST_CHARACTERS = 1_000_000
MOST_PARAGRAPHS = 4000
# A list or a table without blank lines is compared line by line.
LONG_PARAGRAPH_CHARACTERS = 1500
MOST_BLOCKS = 300
MOST_SHOWN_CHARACTERS = 4000
# Comparing words costs at most the product of their numbers: a limit for one pair and for all.
MOST_WORK = 4_000_000
MOST_WORK_OF_A_PAIR = 400_000
# A changed paragraph shares so much with its former wording, and stands so near to it.
ALIKE = 0.5
LOOK_AHEAD = 8

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a changed paragraph."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph that was added, removed or changed, or `number` of them that stayed the same.

    Of the same ones `text` is the last, so that a change can be found in the document.
    """

    kind: Kind
    text: str = ""
    pieces: tuple[Piece, ...] = ()
    number: int = 1


@dataclass(frozen=True, slots=True)
class Difference:
    """Blocks in the order of the newer text. `left_out`: how many changes are not shown.

    `cut`: the texts go on beyond what was compared.
    """

    blocks: tuple[Block, ...]
    added: int
    removed: int
    changed: int
    left_out: int
    cut: bool

    @property
    def is_none(self) -> bool:
        """Say whether both texts are the same."""
        return not (self.added or self.removed or self.changed or self.cut)


def compare(old: str, new: str) -> Difference:
    """Return what to show of two texts. Bounded in time and in length, whatever they hold."""
    before, cut_before = _paragraphs(old)
    after, cut_after = _paragraphs(new)
    blocks = list(_blocks(before, after, _Budget(MOST_WORK)))
    rest = blocks[MOST_BLOCKS:]
    return Difference(
        blocks=tuple(blocks[:MOST_BLOCKS]),
        added=sum(block.kind == "added" for block in blocks),
        removed=sum(block.kind == "removed" for block in blocks),
        changed=sum(block.kind == "changed" for block in blocks),
        left_out=sum(block.kind != "same" for block in rest),
        cut=(cut_before or cut_after) and old != new,
    )


class _Budget:
    """How much comparing of words is still allowed."""

    def __init__(self, work: int) -> None:
        self._left = work

    def allows(self, work: int) -> bool:
        if work > min(self._left, MOST_WORK_OF_A_PAIR):
            return False
        self._left -= work
        return True


def _paragraphs(text: str) -> tuple[list[str], bool]:
    """Return the paragraphs, and whether there are more than are compared."""
    found: list[str] = []
    for paragraph in _PARAGRAPHS.split(text[:MOST_CHARACTERS].strip()):
        long = len(paragraph) > LONG_PARAGRAPH_CHARACTERS
        parts = paragraph.split("\n") if long else [paragraph]
        found += [part for part in parts if part.strip()]
    return found[:MOST_PARAGRAPHS], len(text) > MOST_CHARACTERS or len(found) > MOST_PARAGRAPHS


def _blocks(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[Block]:
    first = _common(old, new)
    last = _common(old[first:][::-1], new[first:][::-1])
    before, after = old[first : len(old) - last], new[first : len(new) - last]
    yield from _same(new[:first])
    # Paragraphs that come again and again are no landmarks: with them it would take minutes.
    matcher = SequenceMatcher(None, before, after, autojunk=True)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield from _same(after[k:m])
        else:
            yield from _replaced(before[i:j], after[k:m], budget)
    yield from _same(new[len(new) - last :])


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many paragraphs both begin with."""
    number = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        number += 1
    return number


def _same(paragraphs: Sequence[str]) -> Iterator[Block]:
    if paragraphs:
        yield Block("same", _shown(paragraphs[-1]), number=len(paragraphs))


def _replaced(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[Block]:
    """Yield removed and added paragraphs, and those as changed that are alike."""
    at = 0
    for paragraph in old:
        found = _partner(paragraph, new[at : at + LOOK_AHEAD], budget)
        if found is None:
            yield Block("removed", _shown(paragraph))
            continue
        index, pieces = found
        yield from (Block("added", _shown(text)) for text in new[at : at + index])
        yield Block("changed", pieces=pieces)
        at += index + 1
    yield from (Block("added", _shown(text)) for text in new[at:])


def _partner(
    paragraph: str, candidates: Sequence[str], budget: _Budget
) -> tuple[int, tuple[Piece, ...]] | None:
    """Return the first candidate that is a new wording of a paragraph, with what changed."""
    words = _WORDS.findall(paragraph)
    matcher: SequenceMatcher[str] = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2([word.strip() for word in words])
    for index, candidate in enumerate(candidates):
        others = _WORDS.findall(candidate)
        matcher.set_seq1([word.strip() for word in others])
        if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
            continue
        if budget.allows(len(words) * len(others)) and matcher.ratio() >= ALIKE:
            return index, tuple(_pieces(matcher, others, words))
    return None


def _pieces(
    matcher: SequenceMatcher[str], new: Sequence[str], old: Sequence[str]
) -> Iterator[Piece]:
    # The matcher keeps what it learns of its second text, so that is the old one here.
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(new[i:j]))
            continue
        if k < m:
            yield Piece("removed", "".join(old[k:m]))
        if i < j:
            yield Piece("added", "".join(new[i:j]))


def _shown(text: str) -> str:
    return text if len(text) <= MOST_SHOWN_CHARACTERS else f"{text[:MOST_SHOWN_CHARACTERS]}…"

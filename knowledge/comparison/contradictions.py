"""Finds statements of which only one can be right.

Statements are nominated by kind and by the words they share, decided by what speaks against them
(likeness.py), and last by their meaning: the vectors of the two sentences with the value cut out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.comparison.likeness import Likeness, covered, likeness, obstacle, own_share
from knowledge.comparison.shelf import Shelf
from knowledge.comparison.statements import FEW_WORDS, Statement
from knowledge.comparison.values import comparable, disagree

# Texts to unit vectors, one row each. Raises ProviderError.
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
LEAST_OWN = 0.37
LEAST_COVERED = 0.3
LEAST_STRENGTH = 0.53
# Within one document a figure that differs is mostly about something else.
LEAST_STRENGTH_WITHIN = 0.78
# Without vectors the words must be nearly the same.
LEAST_BY_WORDS_ALONE = 0.85
# One wrong figure against a hundred right ones: the first few say it.
MOST_FOR_A_STATEMENT = 10
# The same two sentences in many documents.
MOST_OF_THE_SAME = 3
Pair = tuple[Statement, Statement, Likeness]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that disagree. `strength`: 0 to 1, how surely they are about the same."""

    first: Statement
    second: Statement
    strength: float


def contradictions(
    shelf: Shelf,
    documents: Iterable[str],
    embed: Embed | None = None,
    allowed: Collection[str] | None = None,
) -> list[Contradiction]:
    """Return what contradicts the statements of these documents, the surest first.

    `allowed` names the documents they may be held against, themselves included; None is all.
    Without `embed` only sentences in much the same words are found. Raises what `embed` raises.
    """
    pairs = list(_nominated(shelf, documents, allowed))
    found = []
    for (first, second, alike), near in zip(pairs, _meanings(pairs, embed), strict=True):
        strength = strength_of(alike, near)
        if strength >= _least(first, second, by_words=near is None):
            found.append(Contradiction(first, second, strength))
    return _few_each(_one_each(each for each in found if not _known_to_both(shelf, each)))


def strength_of(alike: Likeness, near: float | None) -> float:
    """Return how surely two statements are about the same: half by meaning, half by words."""
    if near is None:
        return covered(alike)
    return 0.5 * near + 0.25 * covered(alike) + 0.25 * alike.own


def _least(first: Statement, second: Statement, *, by_words: bool) -> float:
    least = LEAST_BY_WORDS_ALONE if by_words else LEAST_STRENGTH
    if first.document != second.document:
        return least
    few = min(len(first.words), len(second.words)) < FEW_WORDS
    return math.inf if few else max(least, LEAST_STRENGTH_WITHIN)


def _nominated(
    shelf: Shelf, documents: Iterable[str], allowed: Collection[str] | None
) -> Iterator[Pair]:
    seen: set[tuple[int, int]] = set()
    for document in documents:
        for first in shelf.documents.get(document, ()):
            for second in shelf.near(first):
                key = (min(id(first), id(second)), max(id(first), id(second)))
                if key in seen or (allowed is not None and second.document not in allowed):
                    continue
                seen.add(key)
                alike = _alike(shelf, first, second)
                if alike is not None:
                    yield first, second, alike


def _alike(shelf: Shelf, first: Statement, second: Statement) -> Likeness | None:
    """Return what two statements share, or None when they are about different things."""
    if not comparable(first.value, second.value) or not disagree(first.value, second.value):
        return None
    if own_share(first, second, shelf.weights) < LEAST_OWN:
        return None
    alike = likeness(first, second, shelf.weights)
    if covered(alike) < LEAST_COVERED or obstacle(first, second):
        return None
    return None if shelf.is_listed(first) or shelf.is_listed(second) else alike


def _meanings(pairs: Sequence[Pair], embed: Embed | None) -> list[float | None]:
    """Return how near the two sentences are in meaning, alone or with their headings."""
    if embed is None or not pairs:
        return [None] * len(pairs)
    texts = sorted({text for pair in pairs for s in pair[:2] for text in _texts(s)})
    row = dict(zip(texts, embed(texts), strict=True))
    return [
        max(float(row[a] @ row[b]) for a, b in zip(_texts(first), _texts(second), strict=True))
        for first, second, _ in pairs
    ]


def _texts(statement: Statement) -> tuple[str, str]:
    return statement.frame, f"{statement.about}: {statement.frame}"


def _known_to_both(shelf: Shelf, found: Contradiction) -> bool:
    """Say whether a document says the other one's value too, of something that is as alike."""
    first, second = found.first, found.second
    return _says_too(shelf, first, second) or _says_too(shelf, second, first)


def _says_too(shelf: Shelf, own: Statement, other: Statement) -> bool:
    if own.document == other.document:
        return False
    least = covered(likeness(own, other, shelf.weights))
    return any(
        said.value.is_range == other.value.is_range
        and comparable(said.value, other.value)
        and not disagree(said.value, other.value)
        and covered(likeness(said, other, shelf.weights)) >= least
        for said in shelf.documents[own.document]
    )


def _one_each(found: Iterable[Contradiction]) -> list[Contradiction]:
    """Keep the surest of those between two documents about the same two values."""
    best: dict[tuple[object, ...], Contradiction] = {}
    for each in sorted(found, key=lambda each: -each.strength):
        sides = sorted(
            (s.document, s.value.low, s.value.high, s.value.parts, s.value.digits)
            for s in (each.first, each.second)
        )
        best.setdefault((each.first.value.kind, *sides), each)
    return list(best.values())


def _few_each(found: Iterable[Contradiction]) -> list[Contradiction]:
    counts: Counter[object] = Counter()
    kept = []
    for each in found:
        sides = (id(each.first), id(each.second))
        texts = frozenset((each.first.text, each.second.text))
        if counts[texts] >= MOST_OF_THE_SAME:
            continue
        if max(counts[side] for side in sides) < MOST_FOR_A_STATEMENT:
            kept.append(each)
            counts.update((*sides, texts))
    return kept

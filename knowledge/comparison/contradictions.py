"""Finds statements of which only one can be right.

Statements are nominated by kind and by the words they share, decided by what speaks against them
(likeness.py), and last by their meaning: the vectors of the two sentences with the value cut out.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.comparison.likeness import Likeness, Weights, likeness, obstacle
from knowledge.comparison.statements import FEW_WORDS, Statement
from knowledge.comparison.values import comparable, disagree

# Texts to unit vectors, one row each. Raises ProviderError.
Embed = Callable[[Sequence[str]], NDArray[np.float32]]
# A word in more statements of one kind than this nominates nothing by itself.
MOST_WITH_A_WORD = 200
LEAST_OWN = 0.5
LEAST_COVERED = 0.4
LEAST_STRENGTH = 0.6
# Within one document a figure that differs is mostly about something else.
LEAST_STRENGTH_WITHIN = 0.78
# Sentences of the same words with so many different figures are a list of things, not an error.
VALUES_OF_A_LIST = 3


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two statements that disagree. `strength`: 0 to 1, how surely they are about the same."""

    first: Statement
    second: Statement
    strength: float


class Shelf:
    """All statements that may be compared with each other: one language, one collection."""

    def __init__(self, documents: Mapping[str, Sequence[Statement]]) -> None:
        self.documents = documents
        self._by_word: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        counts: Counter[str] = Counter()
        self._values: dict[tuple[object, ...], list[Statement]] = defaultdict(list)
        for statements in documents.values():
            counts.update({word for s in statements for word in s.words | s.context})
            for statement in statements:
                for word in statement.words:
                    self._by_word[statement.value.kind, word].append(statement)
                self._values[_frame_key(statement)].append(statement)
        self.weights = Weights(counts, len(documents))

    def near(self, statement: Statement) -> Iterator[Statement]:
        """Yield statements of the same kind that share a word, each once."""
        seen = {id(statement)}
        for word in statement.words | statement.context:
            others = self._by_word.get((statement.value.kind, word), ())
            if len(others) > MOST_WITH_A_WORD:
                continue
            for other in others:
                if id(other) not in seen:
                    seen.add(id(other))
                    yield other

    def is_listed(self, statement: Statement) -> bool:
        """Say whether sentences of these very words come with many different values."""
        different: list[Statement] = []
        for other in self._values[_frame_key(statement)]:
            if all(disagree(other.value, known.value) for known in different):
                different.append(other)
        return len(different) >= VALUES_OF_A_LIST


def contradictions(
    shelf: Shelf, documents: Iterable[str], embed: Embed | None = None
) -> list[Contradiction]:
    """Return what contradicts the statements of these documents, the surest first.

    Without `embed` only sentences in much the same words are found.
    """
    pairs = list(_nominated(shelf, documents))
    meant = _meanings(pairs, embed)
    found = []
    for (first, second, alike), near in zip(pairs, meant, strict=True):
        strength = _strength(alike, near)
        if strength >= _least_strength(first, second):
            found.append(Contradiction(first, second, strength))
    return _one_each([each for each in found if not _known_to_both(shelf, each)])


def _least_strength(first: Statement, second: Statement) -> float:
    if first.document != second.document:
        return LEAST_STRENGTH
    few = min(len(first.words), len(second.words)) < FEW_WORDS
    return math.inf if few else LEAST_STRENGTH_WITHIN


def _nominated(
    shelf: Shelf, documents: Iterable[str]
) -> Iterator[tuple[Statement, Statement, Likeness]]:
    seen: set[tuple[int, int]] = set()
    for document in documents:
        for first in shelf.documents.get(document, ()):
            for second in shelf.near(first):
                one, other = id(first), id(second)
                key = (min(one, other), max(one, other))
                if key in seen:
                    continue
                seen.add(key)
                if obstacle(first, second):
                    continue
                alike = likeness(first, second, shelf.weights)
                if alike.own >= LEAST_OWN and _covered(alike) >= LEAST_COVERED:
                    if not (shelf.is_listed(first) or shelf.is_listed(second)):
                        yield first, second, alike


def _covered(alike: Likeness) -> float:
    """Return the harmonic mean of what each sentence shares with the other and its headings."""
    total = alike.first + alike.second
    return 2 * alike.first * alike.second / total if total else 0.0


def _strength(alike: Likeness, near: float | None) -> float:
    return _covered(alike) if near is None else 0.5 * near + 0.5 * _covered(alike)


def _meanings(
    pairs: Sequence[tuple[Statement, Statement, Likeness]], embed: Embed | None
) -> list[float | None]:
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
    return _says_too(shelf, found.first, found.second) or _says_too(
        shelf, found.second, found.first
    )


def _says_too(shelf: Shelf, own: Statement, other: Statement) -> bool:
    if own.document == other.document:
        return False
    least = _covered(likeness(own, other, shelf.weights))
    for statement in shelf.documents[own.document]:
        agrees = comparable(statement.value, other.value) and not disagree(
            statement.value, other.value
        )
        if agrees and _covered(likeness(statement, other, shelf.weights)) >= least:
            return True
    return False


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


def _frame_key(statement: Statement) -> tuple[object, ...]:
    return statement.value.kind, statement.value.unit, statement.words

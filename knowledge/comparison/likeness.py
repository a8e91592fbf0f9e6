"""Whether two statements are about the same thing: what speaks against it, and how much for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import log

from knowledge.comparison.statements import FEW_WORDS, Statement
from knowledge.comparison.values import Kind, Value, comparable, disagree
from knowledge.comparison.words import FUNCTION_WORDS, concept, exclude, exclude_loosely, marked

# A word counts 1 at least, rare ones up to about 5 in a thousand documents.
_SMOOTHING = 20.0
# Of a clause with "if", this share must be said by the other side too.
_CONDITION_SHARE = 0.5
# What says when or for what a figure holds, besides being a value itself.
_SCOPES = (Kind.DATE, Kind.VERSION, Kind.AGE)
# Words in the place of others, in sentences that are otherwise the same.
MOST_REPLACED = 2
_UNIMPORTANT = frozenset(
    "a an the our your all at least most up to no more less than of within must can may is".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W_]+|…")


@dataclass(frozen=True, slots=True)
class Weights:
    """How much a word tells documents apart. `counts`: in how many of `number` it occurs."""

    counts: Mapping[str, int]
    number: int

    def of(self, word: str) -> float:
        """Return a word's weight."""
        return 1 + log((self.number + _SMOOTHING) / (self.counts.get(word, 0) + _SMOOTHING))

    def total(self, words: Collection[str]) -> float:
        """Return the weight of several words."""
        return sum(map(self.of, words))


def obstacle(first: Statement, second: Statement) -> str:
    """Return why two statements do not contradict each other, or nothing when they might."""
    if not comparable(first.value, second.value) or not disagree(first.value, second.value):
        return "values"
    if first.group == second.group:
        return "same list"
    if _says(first.others, second.value) or _says(second.others, first.value):
        return "both said"
    if _scopes_differ(first, second):
        return "scope"
    if first.row != second.row and (first.row or second.row):
        return "rows"
    if _other_side(first, second):
        return "before and after"
    if first.days and second.days and not first.days & second.days:
        return "days"
    return _words_against(first, second)


def _words_against(first: Statement, second: Statement) -> str:
    one, other = first.words | first.context, second.words | second.context
    if exclude(first.words, second.words) or exclude_loosely(first.words, second.words):
        return "excluding words"
    few = min(len(first.words), len(second.words)) < FEW_WORDS
    if few and exclude(one, other):
        return "excluding headings"
    if marked(first.words) - other or marked(second.words) - one:
        return "special case"
    if few and marked(one) != marked(other):
        return "special heading"
    if first.names - other and second.names - one:
        return "names"
    if _only_one_has(first.condition, other) or _only_one_has(second.condition, one):
        return "condition"
    return "siblings" if siblings(first.frame, second.frame) else ""


def siblings(first: str, second: str) -> bool:
    """Say whether one word takes the place of another and all else is the same.

    "The battery has a warranty of one year", "The frame has a warranty of five".
    """
    one, other = _bare(first), _bare(second)
    changes = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    replaced = [change for change in changes if change[0] != "equal"]
    if len(replaced) != 1 or replaced[0][0] != "replace" or len(changes) < 2:
        return False
    _, begin, end, other_begin, other_end = replaced[0]
    places = (one[begin:end], other[other_begin:other_end])
    return all(
        len(place) <= MOST_REPLACED and any(word not in FUNCTION_WORDS for word in place)
        for place in places
    )


def _bare(frame: str) -> list[str]:
    return [concept(word) for word in _WORD.findall(frame.casefold()) if word not in _UNIMPORTANT]


def _only_one_has(condition: frozenset[str], other: frozenset[str]) -> bool:
    return bool(condition) and len(condition & other) < _CONDITION_SHARE * len(condition)


def _other_side(first: Statement, second: Statement) -> bool:
    """Say whether one is before and the other after the same thing."""
    sides = {first.value.side, second.value.side}
    return sides == {"before", "after"} and first.anchor == second.anchor


def _says(values: Collection[Value], value: Value) -> bool:
    return any(comparable(said, value) and not disagree(said, value) for said in values)


def _scopes_differ(first: Statement, second: Statement) -> bool:
    for one in first.others:
        for other in second.others:
            if one.kind == other.kind and one.kind in _SCOPES:
                if one.side and other.side and one.side != other.side:
                    return True
                if comparable(one, other) and disagree(one, other):
                    return True
    return False


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two statements share. Each 0 to 1, of the weight of the words.

    `own`: the words of both sentences, of the shorter one; `first` and `second`: of each
    sentence, what the other one or its headings say; `context`: of the headings.
    """

    own: float
    first: float
    second: float
    context: float
    shared_weight: float
    order: float


def likeness(first: Statement, second: Statement, weights: Weights) -> Likeness:
    """Measure how much two statements share."""
    one, other = first.words | first.context, second.words | second.context
    shared = weights.total(first.words & second.words)
    first_total, second_total = weights.total(first.words), weights.total(second.words)
    least = min(first_total, second_total)
    both = weights.total(first.context | second.context)
    return Likeness(
        own=shared / least if least else 1.0,
        first=weights.total(first.words & other) / first_total if first_total else 1.0,
        second=weights.total(second.words & one) / second_total if second_total else 1.0,
        context=weights.total(first.context & second.context) / both if both else 1.0,
        shared_weight=shared,
        order=SequenceMatcher(None, first.order, second.order, autojunk=False).ratio(),
    )

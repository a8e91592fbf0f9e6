"""Whether two statements are about the same thing: what speaks against it, and how much for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import log

from knowledge.comparison.statements import Statement
from knowledge.comparison.values import Kind, Value, comparable, disagree
from knowledge.comparison.words import FUNCTION_WORDS, concept, exclude, exclude_loosely, marked

# A word counts 1 at least, rare ones up to about 5 in a thousand documents.
_SMOOTHING = 20.0
# Of a clause with "if", this share must be said by the other side too.
_CONDITION_SHARE = 0.5
# What says when or for what a figure holds, besides being a value itself.
_SCOPES = (Kind.DATE, Kind.VERSION, Kind.AGE)
# Two statements that share fewer words are about what their headings say.
FEW_SHARED = 2
# With more than this share of the names in common it is the same company or product.
COMMON_NAMES = 0.5
# Words in the place of others, in sentences that are otherwise the same.
MOST_REPLACED = 2
_UNIMPORTANT = frozenset(
    "a an the our your all at least most up to no more less than of within must can may is".split()  # noqa: SIM905
)
_WORD = re.compile(r"[^\W_]+|…")


class Weights:
    """How much a word tells documents apart. `counts`: in how many of `number` it occurs."""

    def __init__(self, counts: Mapping[str, int], number: int) -> None:
        self._counts = counts
        self._number = number
        self._known: dict[str, float] = {}
        self._own: dict[int, float] = {}

    def of(self, word: str) -> float:
        """Return a word's weight."""
        weight = self._known.get(word)
        if weight is None:
            count = self._counts.get(word, 0)
            weight = 1 + log((self._number + _SMOOTHING) / (count + _SMOOTHING))
            self._known[word] = weight
        return weight

    def own(self, statement: Statement) -> float:
        """Return the weight of a statement's own words."""
        weight = self._own.get(id(statement))
        if weight is None:
            weight = self._own[id(statement)] = self.total(statement.words)
        return weight

    def total(self, words: Collection[str]) -> float:
        """Return the weight of several words."""
        return sum(map(self.of, words))


def obstacle(first: Statement, second: Statement) -> str:
    """Return why two statements whose values disagree may both be right, or nothing."""
    if first.group == second.group:
        return "same list"
    if first.document == second.document and first.is_item and second.is_item:
        return "two items"
    if _says(first.others, second.value) or _says(second.others, first.value):
        return "both said"
    if _scopes_differ(first, second):
        return "scope"
    if not _share_more_than_unit(first, second):
        return "only the unit"
    if _rows_differ(first, second):
        return "rows"
    if _other_side(first, second):
        return "before and after"
    if first.days and second.days and not first.days & second.days:
        return "days"
    return _words_against(first, second)


def _words_against(first: Statement, second: Statement) -> str:
    one, other = first.words | first.context, second.words | second.context
    if exclude(first.said, second.said) or exclude_loosely(first.said, second.said):
        return "excluding words"
    few = len(first.words & second.words) < FEW_SHARED
    if few and exclude(one, other):
        return "excluding headings"
    if marked(first.said) - other or marked(second.said) - one:
        return "special case"
    if few and marked(one) != marked(other):
        return "special heading"
    if _names_differ(first, second):
        return "names"
    named = first.names & second.names
    if not named and first.subject - other and second.subject - one:
        return "subjects"
    if _only_one_has(first.condition, other) or _only_one_has(second.condition, one):
        return "condition"
    same_words = first.words == second.words
    return "siblings" if not same_words and siblings(first.frame, second.frame) else ""


def _rows_differ(first: Statement, second: Statement) -> bool:
    """Say whether two cells, or a cell and a sentence, are not about the same row and column."""
    if first.row and second.row:
        return first.row != second.row
    if first.row:
        return not first.words <= second.words | second.context
    return bool(second.row) and not second.words <= first.words | first.context


def _names_differ(first: Statement, second: Statement) -> bool:
    """Say whether each has a name that the other side lacks, and few in common."""
    one, other = first.words | first.context, second.words | second.context
    if not first.names - other or not second.names - one:
        return False
    common = len(first.names & second.names)
    return common <= COMMON_NAMES * min(len(first.names), len(second.names))


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


def _share_more_than_unit(first: Statement, second: Statement) -> bool:
    """Say whether more is alike than what is counted: "8 cores do", "CPU: 2 cores"."""
    one, other = first.words | first.context, second.words | second.context
    return bool((first.words & other | second.words & one) - {first.value.unit})


def _other_side(first: Statement, second: Statement) -> bool:
    """Say whether one is before and the other after the same thing."""
    sides = {first.value.side, second.value.side}
    return sides == {"before", "after"} and first.anchor == second.anchor


def _says(values: Collection[Value], value: Value) -> bool:
    return any(comparable(said, value) and not disagree(said, value) for said in values)


def _scopes_differ(first: Statement, second: Statement) -> bool:
    """Say whether the other values of two sentences say that they are about different cases.

    "In 2023 we had 80 customers" and "in 2024 we had 100": neither the years nor the numbers are
    wrong. Both prices of a ticket may be right where one holds before May and one after.
    """
    about_date = first.value.kind in _SCOPES
    for one in first.others:
        for other in second.others:
            if one.kind != other.kind or (one.kind not in _SCOPES) != about_date:
                continue
            if one.side and other.side and one.side != other.side:
                return True
            if comparable(one, other) and disagree(one, other):
                return True
    return False


@dataclass(frozen=True, slots=True)
class Likeness:
    """How much two statements share. Each 0 to 1, of the weight of the words.

    `own`: the words of both sentences, of the shorter one; `first` and `second`: of each
    sentence, what the other one or its headings say.
    """

    own: float
    first: float
    second: float


def own_share(first: Statement, second: Statement, weights: Weights) -> float:
    """Return what the two sentences share themselves, of the weight of the shorter one."""
    least = min(weights.own(first), weights.own(second))
    return weights.total(first.words & second.words) / least if least else 1.0


def likeness(first: Statement, second: Statement, weights: Weights) -> Likeness:
    """Measure how much two statements share."""
    own_first, own_second = weights.own(first), weights.own(second)
    by_second = weights.total(first.words & (second.words | second.context))
    by_first = weights.total(second.words & (first.words | first.context))
    return Likeness(
        own=own_share(first, second, weights),
        first=by_second / own_first if own_first else 1.0,
        second=by_first / own_second if own_second else 1.0,
    )


def covered(alike: Likeness) -> float:
    """Return the harmonic mean of what each sentence shares with the other and its headings."""
    total = alike.first + alike.second
    return 2 * alike.first * alike.second / total if total else 0.0

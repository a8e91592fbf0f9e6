"""The statements of many documents, so arranged that those about the same thing are near."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from knowledge.comparison.likeness import Weights, covered, likeness, own_share
from knowledge.comparison.statements import Statement
from knowledge.comparison.values import KINDS_WITHOUT_UNIT, Kind, Value, comparable, disagree

# Of the statements that share a word, so many are looked at: those with the rarest words first.
MOST_CANDIDATES = 150
# Sentences that are so much alike and have so many different values are about as many things: the
# fees of ten accounts, each on its own page.
VALUES_OF_A_LIST = 4
LEAST_ALIKE = 0.6
_Place = tuple[Kind, str, str]


class Shelf:
    """Statements of documents that may be compared. Documents come and go; not thread-safe."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[Statement, ...]] = {}
        self._by_word: dict[_Place, dict[int, Statement]] = defaultdict(dict)
        self._listed: dict[int, bool] = {}
        self._counts: Counter[str] = Counter()
        self._weights: Weights | None = None

    @property
    def weights(self) -> Weights:
        """Return how much each word tells these documents apart."""
        if self._weights is None:
            self._weights = Weights(self._counts, len(self.documents))
        return self._weights

    def put(self, document: str, statements: Sequence[Statement]) -> None:
        """Add a document, in the place of its former statements if it is there."""
        self.drop(document)
        self.documents[document] = tuple(statements)
        self._counts.update(_all_words(statements))
        for statement in statements:
            for place in _places(statement):
                self._by_word[place][id(statement)] = statement

    def drop(self, document: str) -> None:
        """Take a document out; one that is not there is no error."""
        statements = self.documents.pop(document, ())
        self._weights = None
        self._listed.clear()
        self._counts.subtract(_all_words(statements))
        for statement in statements:
            for place in _places(statement):
                self._by_word[place].pop(id(statement), None)

    def near(self, statement: Statement) -> Iterator[Statement]:
        """Yield up to MOST_CANDIDATES statements with values of its kind that share a word."""
        seen = {id(statement)}
        shelves = [self._by_word[place] for place in _places(statement) if place in self._by_word]
        for others in sorted(shelves, key=len):
            for key, other in others.items():
                if key not in seen:
                    seen.add(key)
                    if _same_language(statement, other):
                        yield other
                if len(seen) > MOST_CANDIDATES:
                    return

    def is_listed(self, statement: Statement) -> bool:
        """Say whether sentences like this one come with many different values."""
        key = id(statement)
        if key not in self._listed:
            self._listed[key] = self._comes_with_many_values(statement)
        return self._listed[key]

    def _comes_with_many_values(self, statement: Statement) -> bool:
        different: list[Value] = [statement.value]
        for other in self.near(statement):
            if not comparable(statement.value, other.value):
                continue
            if not all(disagree(other.value, known) for known in different):
                continue
            if own_share(statement, other, self.weights) < LEAST_ALIKE:
                continue
            if covered(likeness(statement, other, self.weights)) >= LEAST_ALIKE:
                different.append(other.value)
                if len(different) >= VALUES_OF_A_LIST:
                    return True
        return False


def _all_words(statements: Sequence[Statement]) -> set[str]:
    return {word for s in statements for word in s.words | s.context}


def _places(statement: Statement) -> Iterator[_Place]:
    value = statement.value
    unit = "" if value.kind in KINDS_WITHOUT_UNIT else value.unit
    return ((value.kind, unit, word) for word in statement.words)


def _same_language(first: Statement, second: Statement) -> bool:
    return first.language == second.language or not (first.language and second.language)

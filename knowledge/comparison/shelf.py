"""The statements of many documents, so arranged that those about the same thing are near."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from knowledge.comparison.likeness import Weights
from knowledge.comparison.statements import Statement
from knowledge.comparison.values import Kind, Value, disagree

# A word in more statements of one kind than this nominates nothing by itself.
MOST_WITH_A_WORD = 200
# Sentences of the same words with so many different figures are a list of things, not an error.
VALUES_OF_A_LIST = 3
_Frame = tuple[Kind, str, frozenset[str]]


class Shelf:
    """Statements of documents that may be compared. Documents come and go; not thread-safe."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[Statement, ...]] = {}
        self._by_word: dict[tuple[Kind, str], dict[int, Statement]] = defaultdict(dict)
        self._by_frame: dict[_Frame, dict[int, Statement]] = defaultdict(dict)
        self._counts: Counter[str] = Counter()

    @property
    def weights(self) -> Weights:
        """Return how much each word tells these documents apart."""
        return Weights(self._counts, len(self.documents))

    def put(self, document: str, statements: Sequence[Statement]) -> None:
        """Add a document, in the place of its former statements if it is there."""
        self.drop(document)
        self.documents[document] = tuple(statements)
        self._counts.update(_all_words(statements))
        for statement in statements:
            for word in statement.words:
                self._by_word[statement.value.kind, word][id(statement)] = statement
            self._by_frame[_frame(statement)][id(statement)] = statement

    def drop(self, document: str) -> None:
        """Take a document out; one that is not there is no error."""
        statements = self.documents.pop(document, ())
        self._counts.subtract(_all_words(statements))
        for statement in statements:
            for word in statement.words:
                self._by_word[statement.value.kind, word].pop(id(statement), None)
            self._by_frame[_frame(statement)].pop(id(statement), None)

    def near(self, statement: Statement) -> Iterator[Statement]:
        """Yield statements of the same kind and language that share a word, each once."""
        seen = {id(statement)}
        for word in sorted(statement.words | statement.context):
            others = self._by_word.get((statement.value.kind, word), {})
            if len(others) > MOST_WITH_A_WORD:
                continue
            for key, other in others.items():
                if key not in seen and _same_language(statement, other):
                    seen.add(key)
                    yield other

    def is_listed(self, statement: Statement) -> bool:
        """Say whether sentences of these very words come with many different values."""
        different: list[Value] = []
        for other in self._by_frame[_frame(statement)].values():
            if all(disagree(other.value, known) for known in different):
                different.append(other.value)
        return len(different) >= VALUES_OF_A_LIST


def _all_words(statements: Sequence[Statement]) -> set[str]:
    return {word for s in statements for word in s.words | s.context}


def _frame(statement: Statement) -> _Frame:
    return statement.value.kind, statement.value.unit, statement.words


def _same_language(first: Statement, second: Statement) -> bool:
    return first.language == second.language or not (first.language and second.language)

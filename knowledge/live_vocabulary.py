"""The vocabulary as it is in the database at this moment, applied to queries."""

from __future__ import annotations

from functools import lru_cache

from knowledge.compiled_query import CompiledQuery
from knowledge.models import VocabularyEntry
from knowledge.retrieval.analysis import plain_words
from knowledge.retrieval.spelling import WordList
from knowledge.retrieval.understanding import Expand
from knowledge.retrieval.vocabulary import Entry, Vocabulary

Rows = tuple[tuple[str, str], ...]
_rows: CompiledQuery[tuple[str, str]] = CompiledQuery(
    lambda: VocabularyEntry.objects.values_list("term", "synonyms")
)


def current_rows() -> Rows:
    """Return (term, synonyms, one a line) of every entry, read once for a search.

    The rows themselves are the key of what is remembered. Reading 500 of them takes a millisecond,
    and no clock of another machine and no write past the model can make them look unchanged.
    """
    return tuple(_rows.rows())


def expander(rows: Rows) -> Expand:
    """Return what adds the operator's words to a query."""
    return _compiled(rows).expand


@lru_cache(maxsize=1)
def _compiled(rows: Rows) -> Vocabulary:
    return Vocabulary(_entries(rows))


@lru_cache(maxsize=1)
def words_known(rows: Rows) -> WordList:
    """Return the single words of the operator's phrases, which are known and may be misspelt."""
    phrases = [phrase for entry in _entries(rows) for phrase in (entry.term, *entry.synonyms)]
    return WordList(dict.fromkeys(plain_words("\n".join(phrases)), 1))


def _entries(rows: Rows) -> list[Entry]:
    entries = (VocabularyEntry(term=term, synonyms=synonyms) for term, synonyms in rows)
    return [Entry(entry.term, tuple(entry.others)) for entry in entries]

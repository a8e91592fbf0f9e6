"""The vocabulary as it is in the database at this moment, applied to queries."""

from __future__ import annotations

from functools import lru_cache

from knowledge.models import VocabularyEntry
from knowledge.retrieval.vocabulary import Entry, Expanded, Vocabulary

Rows = tuple[tuple[str, str], ...]


def expand(query: str) -> Expanded:
    """Return the query with the operator's words; an edit counts at once, in every process.

    The rows themselves are the cache's key. Reading 500 of them takes a millisecond, and no clock
    of another machine and no write past the model can make them look unchanged.
    """
    return _compiled(current_rows()).expand(query)


def current_rows() -> Rows:
    """Return (term, synonyms, one a line) of every entry."""
    return tuple(VocabularyEntry.objects.values_list("term", "synonyms"))


@lru_cache(maxsize=1)
def _compiled(rows: Rows) -> Vocabulary:
    entries = (VocabularyEntry(term=term, synonyms=synonyms) for term, synonyms in rows)
    return Vocabulary(Entry(entry.term, tuple(entry.others)) for entry in entries)

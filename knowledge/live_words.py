"""The words of the documents as they are in the database, for forgiving a wrong letter."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from django.db.models import BigIntegerField

from knowledge.compiled_query import CompiledQuery
from knowledge.live_vocabulary import Rows, words_known
from knowledge.models import IndexedWord
from knowledge.retrieval.spelling import Correction, WordList, corrected
from knowledge.retrieval.understanding import Correct
from providers.embeddings.base import Embedder

# New words count at once. Words that are gone, changed counts and rows that another transaction
# committed out of order are seen by then; a word too many finds nothing and does no harm.
REREAD_SECONDS = 600.0


@dataclass(slots=True)
class _Held:
    """What this process has read: the rows up to `last`, at `read_at` by the monotonic clock."""

    words: WordList = field(default_factory=lambda: WordList({}))
    last: int = 0
    read_at: float = 0.0


# Without an order: for the model's own, by word, SQLite would look through all of them.
_after: CompiledQuery[tuple[int, str, int]] = CompiledQuery(
    lambda last: (
        IndexedWord.objects.filter(pk__gt=last).order_by().values_list("pk", "word", "documents")
    ),
    last=BigIntegerField(),
)
_lock = threading.Lock()
_held = _Held()


def current_words() -> WordList:
    """Return the words of the documents; of those read before, only new ones are fetched."""
    global _held
    with _lock:
        now = time.monotonic()
        if not _held.last or now - _held.read_at > REREAD_SECONDS:
            _held = _Held(read_at=now)
        # Not in the query: SQLite would look through every word that documents hold.
        found = [row for row in _after.rows(last=_held.last) if row[2] > 0]
        if found:
            _held.words.add({word: documents for _, word, documents in found})
            _held.last = max(pk for pk, _, _ in found)
        return _held.words


def corrector(embedder: Embedder, vocabulary: Rows) -> Correct:
    """Return what forgives a wrong letter in questions to an index of this model."""
    known = words_known(vocabulary)

    def correct(text: str) -> Correction:
        # A word that the model has whole is one that people use.
        return corrected(
            text, (known, current_words()), lambda word: embedder.count_tokens(word) == 1
        )

    return correct


def forget() -> None:
    """Read everything anew next time, for tests."""
    global _held
    with _lock:
        _held = _Held()

"""Keeps the list of the documents' words up as documents become ready and are withdrawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.db.models import F

from knowledge.models import (
    Document,
    DocumentVersion,
    GenerationState,
    IndexedWord,
    IndexGeneration,
)
from knowledge.retrieval.analysis import plain_words

BATCH = 500


@transaction.atomic
def count_words(document: Document, version: DocumentVersion, text: str) -> None:
    """Count the words of a version that is about to answer, and those of no other one."""
    one_at_a_time()
    _forget(document, but=version)
    known = DocumentVersion.objects.filter(pk=version.pk).values_list("words", flat=True).first()
    words = sorted(set(plain_words(text)))
    if known == words:
        return
    _change(known or [], -1)
    _change(words, +1)
    DocumentVersion.objects.filter(pk=version.pk).update(words=words)


@transaction.atomic
def forget_words(document: Document) -> None:
    """Count a document's words no longer."""
    one_at_a_time()
    _forget(document)


def _forget(document: Document, but: DocumentVersion | None = None) -> None:
    counted = DocumentVersion.objects.filter(document=document).exclude(words=[])
    if but is not None:
        counted = counted.exclude(pk=but.pk)
    for pk, words in counted.values_list("pk", "words"):
        _change(words, -1)
        DocumentVersion.objects.filter(pk=pk).update(words=[])


def one_at_a_time() -> None:
    """Wait until nobody else changes the list; before any document is locked, in a transaction.

    Two that change some of the same rows in another order would wait for each other for ever.
    """
    # Whoever makes a document ready holds this row already.
    in_use = IndexGeneration.objects.filter(state=GenerationState.CURRENT)
    list(in_use.select_for_update().values_list("pk", flat=True))


def _change(words: Sequence[str], by: int) -> None:
    for batch in _batches(words):
        rows = IndexedWord.objects.filter(word__in=batch)
        if by > 0:
            there = set(rows.values_list("word", flat=True))
            IndexedWord.objects.bulk_create(
                [IndexedWord(word=word) for word in batch if word not in there],
                ignore_conflicts=True,
            )
            rows.update(documents=F("documents") + by)
        else:
            rows.filter(documents__gte=-by).update(documents=F("documents") + by)
            rows.filter(documents=0).delete()


def _batches(words: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(words), BATCH):
        yield words[start : start + BATCH]

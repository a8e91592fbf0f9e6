"""Keeps the list of the documents' words up as documents become ready and are withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from django.db import connection, transaction
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


def count_words(document: Document, version: DocumentVersion, text: str) -> None:
    """Count the words of a version that is about to answer, and those of no other one.

    For a transaction that has called `one_at_a_time`.
    """
    words = sorted(set(plain_words(text)))
    counted = _counted(document)
    if counted == {version.pk: words}:
        return
    for former in counted.values():
        _change(former, -1)
    DocumentVersion.objects.filter(pk__in=counted.keys() - {version.pk}).update(words=[])
    _change(words, +1)
    DocumentVersion.objects.filter(pk=version.pk).update(words=words)


@transaction.atomic
def forget_words(document: Document) -> None:
    """Count a document's words no longer."""
    one_at_a_time()
    counted = _counted(document)
    for words in counted.values():
        _change(words, -1)
    DocumentVersion.objects.filter(pk__in=counted).update(words=[])


def _counted(document: Document) -> dict[uuid.UUID, list[str]]:
    """Return the words that are counted for a document, by version: of one, unless it changes."""
    versions = DocumentVersion.objects.filter(document=document).exclude(words=[])
    return dict(versions.order_by().values_list("pk", "words"))


def one_at_a_time() -> list[int]:
    """Wait until nobody else changes the list; before any document is locked, in a transaction.

    Two that change some of the same rows in another order would wait for each other for ever.
    Returns the generation in use, which stays so meanwhile.
    """
    in_use = IndexGeneration.objects.filter(state=GenerationState.CURRENT)
    return list(in_use.select_for_update().values_list("pk", flat=True))


def _change(words: Sequence[str], by: int) -> None:
    for batch in _batches(words):
        if by > 0:
            _add(batch)
            continue
        rows = IndexedWord.objects.filter(word__in=batch)
        rows.filter(documents__gte=-by).update(documents=F("documents") + by)
        rows.filter(documents=0).delete()


def _add(words: Sequence[str]) -> None:
    # In one statement, which the object-relational mapper has no words for: it took three.
    table = connection.ops.quote_name(IndexedWord._meta.db_table)
    rows = ", ".join(["(%s, 1)"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (word, documents) VALUES {rows} "  # noqa: S608 - marks alone
            f"ON CONFLICT (word) DO UPDATE SET documents = {table}.documents + 1",
            list(words),
        )


def _batches(words: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(words), BATCH):
        yield words[start : start + BATCH]

"""Keeps the list of the documents' words up as documents become ready and are withdrawn."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

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


def count_words(texts: Mapping[DocumentVersion, str]) -> None:
    """Count the words of versions that are about to answer, and those of no others of theirs.

    For a transaction that has called `one_at_a_time`, and saves the versions with their `words`.
    """
    change: Counter[str] = Counter()
    counted = _counted({version.document_id for version in texts})
    for words in counted.values():
        change.subtract(words)
    for version, text in texts.items():
        version.words = sorted(set(plain_words(text)))
        change.update(version.words)
    former = counted.keys() - {version.pk for version in texts}
    DocumentVersion.objects.filter(pk__in=former).update(words=[])
    _change(change)


@transaction.atomic
def forget_words(document: Document) -> None:
    """Count a document's words no longer."""
    one_at_a_time()
    counted = _counted({document.pk})
    DocumentVersion.objects.filter(pk__in=counted).update(words=[])
    change: Counter[str] = Counter()
    for words in counted.values():
        change.subtract(words)
    _change(change)


def _counted(documents: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the words that are counted for documents, by version: of each one, if of any."""
    versions = DocumentVersion.objects.filter(document__in=documents).exclude(words=[])
    return dict(versions.order_by().values_list("pk", "words"))


def one_at_a_time() -> list[int]:
    """Wait until nobody else changes the list; before any document is locked, in a transaction.

    Two that change some of the same rows in another order would wait for each other for ever.
    Returns the generation in use, which stays so meanwhile.
    """
    in_use = IndexGeneration.objects.filter(state=GenerationState.CURRENT)
    return list(in_use.select_for_update().values_list("pk", flat=True))


def _change(by: Counter[str]) -> None:
    """Count so many documents more, or fewer, for each word."""
    more = sorted((word, number) for word, number in by.items() if number > 0)
    for start in range(0, len(more), BATCH):
        _add(more[start : start + BATCH])
    fewer: dict[int, list[str]] = {}
    for word, number in by.items():
        if number < 0:
            fewer.setdefault(-number, []).append(word)
    for number, words in fewer.items():
        for start in range(0, len(words), BATCH):
            rows = IndexedWord.objects.filter(word__in=words[start : start + BATCH])
            rows.filter(documents__gte=number).update(documents=F("documents") - number)
            rows.filter(documents=0).delete()


def _add(words: Sequence[tuple[str, int]]) -> None:
    # In one statement, which the object-relational mapper has no words for: it took three.
    table = connection.ops.quote_name(IndexedWord._meta.db_table)
    rows = ", ".join(["(%s, %s)"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (word, documents) VALUES {rows} "  # noqa: S608 - marks alone
            f"ON CONFLICT (word) DO UPDATE SET documents = {table}.documents + excluded.documents",
            [value for row in words for value in row],
        )

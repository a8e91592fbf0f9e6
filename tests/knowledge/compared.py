"""Documents with sentences to hold against each other, and an embedder that counts words."""

import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from knowledge.actions import comparison
from knowledge.actions.comparison import compare_document
from knowledge.actions.defaults import (
    ensure_audiences,
    ensure_collection,
    ensure_defaults,
    ensure_generation,
)
from knowledge.comparison.words import concepts
from knowledge.models import Chunk, Contradiction, Document, DocumentStatus, DocumentVersion
from providers.embeddings.base import Vectors

FOURTEEN = "Items can be returned within 14 days of delivery."
THIRTY = "You can return items within 30 days of delivery."
LONG = (
    "Parcels leave our house every working day at noon. Whoever orders before ten in the morning "
    "gets the goods on the next day in most places. Islands and mountain villages wait a little "
    "longer, because the ferry and the post bus do not go every day of the week."
)
numbers = itertools.count(1)


class WordEmbedder:
    """Vectors of which words occur: sentences of the same words are near, others are not."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.asked.extend(texts)
        rows = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in concepts(text):
                row[sum(word.encode()) % 512] = 1
            row /= max(float(np.linalg.norm(row)), 1e-9)
        return rows


def take_word_embedder(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    """Let documents be compared with vectors of words, in an installation with its defaults."""
    ensure_defaults()
    made = WordEmbedder()
    monkeypatch.setattr(comparison, "embedder", lambda: made)
    comparison.forget_shelves()
    return made


def add_version(document: Document, text: str) -> DocumentVersion:
    version = DocumentVersion.objects.create(
        document=document,
        number=document.versions.count() + 1,
        content_hash="0" * 64,
        stored_name="x",
        size_bytes=len(text),
        text=text,
    )
    Chunk.objects.create(
        version=version, generation=ensure_generation(), ordinal=0, text=text, token_count=9
    )
    Document.objects.filter(pk=document.pk).update(
        current_version=version, status=DocumentStatus.INDEXED
    )
    document.refresh_from_db()
    return version


def make(
    text: str,
    *,
    title: str = "Returns",
    audiences: Sequence[str] = ("public",),
    collection: str = "default",
    language: str = "en",
) -> Document:
    document = Document.objects.create(
        collection=ensure_collection(collection),
        path=f"{next(numbers)}.md",
        title=title,
        language=language,
    )
    document.audiences.set(ensure_audiences(list(audiences)))
    add_version(document, text)
    return document


def compare(*documents: Document) -> None:
    for document in documents:
        compare_document(document)


def values() -> set[frozenset[str]]:
    rows = Contradiction.objects.values_list("first_value", "second_value")
    return {frozenset(row) for row in rows}

"""Our search over a made-up index, asked line by line: `python -m benchmarks._search_ours`.

Arguments: "fill" or "serve", and the folder of the data. DATA_DIR is the installation. The
question's vector is given, because its embedding is measured apart; everything else is what
customers get, the check against the database included.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import django
import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from benchmarks._answering_lines import answer_lines, memory_mb  # noqa: E402 - settings come first
from benchmarks._search_data import read_rows  # noqa: E402
from knowledge import wiring  # noqa: E402
from knowledge.actions.defaults import ensure_generation  # noqa: E402
from knowledge.management.preparing import prepare_data_dir  # noqa: E402
from knowledge.models import (  # noqa: E402
    Audience,
    Chunk,
    Collection,
    Document,
    DocumentStatus,
    DocumentVersion,
    IndexedWord,
)
from knowledge.retrieval.analysis import plain_words, sparse_document  # noqa: E402
from knowledge.retrieval.values import Reader  # noqa: E402
from providers.embeddings.base import Vectors  # noqa: E402
from providers.once import once  # noqa: E402
from providers.vector_store.base import Point  # noqa: E402

DOCUMENTS_AT_ONCE = 200
READER = Reader(frozenset({"public"}))
LIMIT = 10
Row = Mapping[str, Any]


class GivenVectors:
    """An embedder that only knows the vectors it was given."""

    def __init__(self, folder: Path) -> None:
        said = json.loads((folder / "queries.json").read_text())["said"]
        self._vectors = dict(zip(said, np.load(folder / "query_vectors.npy"), strict=True))
        self.name = ensure_generation().embedding_model
        self.dimensions = len(next(iter(self._vectors.values())))
        self.max_tokens = 256

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a text; of one that a wrong letter was taken out of, any vector."""
        found: Vectors = self._vectors.get(text, next(iter(self._vectors.values())))
        return found

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vector of each text."""
        return np.stack([self.embed_query(text) for text in texts])

    def count_tokens(self, text: str) -> int:
        """Return two a word, so that every word that no document holds is taken for misspelt."""
        return 2 * len(text.split())

    def warm_up(self) -> None:
        """Nothing to load."""


def fill(folder: Path) -> None:
    """Write the rows and the points."""
    prepare_data_dir()
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    titles = np.load(folder / "titles.npy", mmap_mode="r")
    grouped = itertools.groupby(read_rows(folder), key=lambda row: row["document"])
    documents = [list(rows) for _, rows in grouped]
    counts = Counter(
        word for rows in documents for word in {w for row in rows for w in plain_words(row["text"])}
    )
    IndexedWord.objects.bulk_create(
        (IndexedWord(word=word, documents=count) for word, count in counts.items()), batch_size=1000
    )
    done = 0
    for start in range(0, len(documents), DOCUMENTS_AT_ONCE):
        batch = documents[start : start + DOCUMENTS_AT_ONCE]
        _write_rows(batch)
        points: list[Point] = []
        for number, rows in enumerate(batch, start=start):
            points += [
                _point(row, vectors[done + n], titles[number] if n == 0 else None, len(rows))
                for n, row in enumerate(rows)
            ]
            done += len(rows)
        wiring.vector_store().upsert(points)


def _point(row: Row, vector: Vectors, title: Vectors | None, chunks: int) -> Point:
    return Point(
        id=row["id"],
        document=row["document"],
        collection="default",
        audiences=(row["audience"],),
        dense=[float(x) for x in vector],
        sparse=sparse_document(row["text"]),
        chunks=chunks,
        title=None if title is None else [float(x) for x in title],
    )


def _write_rows(documents: Sequence[Sequence[Row]]) -> None:
    collection = Collection.objects.get(slug="default")
    audiences = {row.slug: row for row in Audience.objects.all()}
    generation = ensure_generation()
    firsts = [rows[0] for rows in documents]
    made = [
        Document(
            id=first["document"],
            collection=collection,
            path=first["document"],
            title=first["title"],
            status=DocumentStatus.INDEXED,
        )
        for first in firsts
    ]
    Document.objects.bulk_create(made)
    readers = Document.audiences.through
    readers.objects.bulk_create(
        readers(document_id=first["document"], audience_id=audiences[first["audience"]].pk)
        for first in firsts
    )
    versions = [
        DocumentVersion(document=row, number=1, content_hash=str(row.pk), size_bytes=0)
        for row in made
    ]
    DocumentVersion.objects.bulk_create(versions)
    for row, version in zip(made, versions, strict=True):
        row.current_version = version
    Document.objects.bulk_update(made, ["current_version"])
    Chunk.objects.bulk_create(
        Chunk(
            id=row["id"],
            version=version,
            generation=generation,
            ordinal=row["ordinal"],
            text=row["text"],
            token_count=len(row["text"].split()),
        )
        for version, rows in zip(versions, documents, strict=True)
        for row in rows
    )


def serve(folder: Path) -> None:
    """Answer searches until the input ends."""
    questions = json.loads((folder / "queries.json").read_text())["questions"]
    before_mb = memory_mb()
    given = GivenVectors(folder)
    # Even the libraries of the model stay out of this process.
    wiring._embedders()[given.name] = once(lambda: given)
    search = wiring.searcher()

    def ask(number: int) -> list[str]:
        return [
            passage.chunk for passage in search.retrieve(questions[number], READER, LIMIT).passages
        ]

    answer_lines(ask, before_mb)


if __name__ == "__main__":
    {"fill": fill, "serve": serve}[sys.argv[1]](Path(sys.argv[2]))

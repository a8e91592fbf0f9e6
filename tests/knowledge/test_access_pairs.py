"""10,000 random pairs of document and reader: index and database each keep foreign ones out.

Either is enough alone: once the database's check lets everything through, once the index does.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from knowledge.actions.defaults import ensure_audiences, ensure_collection, ensure_generation
from knowledge.authorisation import authorise
from knowledge.models import Audience, Chunk, Document, DocumentStatus, DocumentVersion
from knowledge.retrieval.analysis import sparse_document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.search import Authorise, Searcher
from knowledge.retrieval.values import Passage, Reader
from providers.embeddings.base import Vectors
from providers.vector_store.base import Hit, Point, Scope, SparseVector
from providers.vector_store.edge_shard import EdgeIndex

AUDIENCES = ("public", "internal", "partner", "reseller", "press")
SHELVES = ("first", "second")
DOCUMENTS, READERS = 125, 80
SIZE = 8
CHANCE = random.Random(20261128)
TEXT = "send goods back within 30 days"


@dataclass(frozen=True)
class Page:
    """A document as it should be read."""

    document: str
    chunk: str
    audiences: frozenset[str]
    shelf: str

    def is_for(self, reader: Reader) -> bool:
        here = reader.collection in (None, self.shelf)
        here &= reader.within is None or self.shelf in reader.within
        return here and bool(self.audiences & reader.audiences)


def some(most: int) -> frozenset[str]:
    return frozenset(CHANCE.sample(AUDIENCES, CHANCE.randint(0, most)))


PAGES = [
    Page(str(uuid.UUID(int=n + 1)), str(uuid.UUID(int=n + 1001)), some(3), CHANCE.choice(SHELVES))
    for n in range(DOCUMENTS)
]
# What sites limit their readers to, besides.
LIMITS: tuple[frozenset[str] | None, ...] = (
    None,
    None,
    frozenset(),
    frozenset({"first"}),
    frozenset(SHELVES),
)
READING = [
    Reader(some(3), CHANCE.choice([None, None, *SHELVES]), within=CHANCE.choice(LIMITS))
    for _ in range(READERS)
]


class Anything:
    """Gives every text about the same vector."""

    name, dimensions, max_tokens = "anything", SIZE, 256

    def embed_query(self, text: str) -> Vectors:
        vector: Vectors = self.embed_documents([text])[0]
        return vector

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        made = np.random.default_rng(len(texts)).normal(1.0, 0.1, (len(texts), SIZE))
        vectors: Vectors = made / np.linalg.norm(made, axis=1, keepdims=True)
        return vectors.astype(np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def warm_up(self) -> None: ...


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeIndex]:
    made = EdgeIndex(Path(tmp_path_factory.mktemp("index")))
    vectors = Anything().embed_documents([TEXT] * DOCUMENTS)
    made.upsert(
        [
            Point(
                page.chunk,
                page.document,
                page.shelf,
                tuple(page.audiences),
                [float(x) for x in vector],
                sparse_document(TEXT),
                chunks=1,
                title=[float(x) for x in vector],
            )
            for page, vector in zip(PAGES, vectors, strict=True)
        ]
    )
    yield made
    made.close()


class Leaky:
    """An index that forgets who reads: it knows every page for everybody."""

    owns_index = True

    def count(self) -> int:
        return DOCUMENTS

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        return [Hit(page.chunk, page.document, 0.5, 1) for page in PAGES]

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        return self.search_dense((), scope, limit)

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        return []

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        return dict.fromkeys(documents, 0.5)


def trusting(candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
    return {
        c.chunk: Passage(c.chunk, c.document, "", "", (), TEXT, "", None, c.score, 0.0, 0.0)
        for c in candidates
    }


def found_by(store: object, check: Authorise, reader: Reader) -> set[str]:
    searcher = Searcher(Anything(), store, check)  # type: ignore[arg-type]
    found = searcher.retrieve(f"{TEXT}. How do I do that?", reader, DOCUMENTS)
    assert found.degraded == ""
    return {passage.document for passage in found.passages}


def readable(reader: Reader) -> set[str]:
    return {page.document for page in PAGES if page.is_for(reader)}


def test_there_are_ten_thousand_pairs_and_every_kind_among_them() -> None:
    assert DOCUMENTS * READERS == 10_000
    pairs = [page.is_for(reader) for page in PAGES for reader in READING]
    assert 2_000 < sum(pairs) < 8_000
    assert any(not page.audiences for page in PAGES)
    assert any(not reader.audiences for reader in READING)


def test_the_index_gives_each_reader_all_of_his_pages_and_no_other(index: EdgeIndex) -> None:
    for reader in READING:
        assert found_by(index, trusting, reader) == readable(reader), reader


def test_titles_of_foreign_pages_are_not_scored(index: EdgeIndex) -> None:
    every = [page.document for page in PAGES]
    for reader in READING:
        scope = Scope(reader.audiences, reader.collection, reader.within)
        assert set(index.score_titles([0.5] * SIZE, every, scope)) == readable(reader), reader


@pytest.mark.usefixtures("db")
def test_the_database_keeps_foreign_pages_from_a_reader_whom_the_index_gives_all() -> None:
    _store_pages()
    for reader in READING:
        assert found_by(Leaky(), authorise, reader) == readable(reader), reader


def _store_pages() -> None:
    generation = ensure_generation()
    ensure_audiences(list(AUDIENCES))
    shelves = {slug: ensure_collection(slug) for slug in SHELVES}
    for page in PAGES:
        document = Document.objects.create(
            pk=page.document,
            collection=shelves[page.shelf],
            path=page.document,
            title="Page",
            status=DocumentStatus.INDEXED,
        )
        document.audiences.set(Audience.objects.filter(slug__in=page.audiences))
        version = DocumentVersion.objects.create(document=document, number=1, size_bytes=1)
        Chunk.objects.create(
            pk=page.chunk,
            version=version,
            generation=generation,
            ordinal=0,
            text=TEXT,
            token_count=6,
        )
        Document.objects.filter(pk=document.pk).update(current_version=version)

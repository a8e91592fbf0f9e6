"""An index of a corpus file of its own: the chunking, embedding and search that customers get."""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np

from evaluation.cases import CorpusRow
from knowledge.ingestion.chunking import Chunker, embedding_text
from knowledge.ingestion.parsing.markdown import parse_markdown
from knowledge.ingestion.sanitising import clean
from knowledge.ingestion.values import ChunkDraft
from knowledge.models import INTERNAL_AUDIENCE, PUBLIC_AUDIENCE
from knowledge.retrieval.analysis import plain_words, sparse_document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.spelling import WordList, corrected
from knowledge.retrieval.values import Passage, Reader
from providers.embeddings.base import Embedder, Vectors
from providers.vector_store.base import Point
from providers.vector_store.edge_shard import EdgeIndex

NAMESPACE = uuid.UUID("6f1b1c0e-6a43-4c86-9d39-0d7c2f1f6a01")
EMBED_BATCH = 256
ALL_AUDIENCES = frozenset({PUBLIC_AUDIENCE, INTERNAL_AUDIENCE})


class CorpusIndex:
    """A temporary index over a corpus; use as a context manager."""

    def __init__(
        self,
        rows: Sequence[CorpusRow],
        embedder: Embedder,
        vectors_file: Path,
        report: Callable[[int], object] = lambda done: None,
    ) -> None:
        self._embedder = embedder
        self._report = report
        self._passages: dict[str, Passage] = {}
        self._audiences: dict[str, str] = {}
        self._corpus_ids = {str(uuid.uuid5(NAMESPACE, row.id)): row.id for row in rows}
        self._folder = tempfile.TemporaryDirectory(prefix="evaluation-")
        self._store = EdgeIndex(Path(self._folder.name))
        self._vectors = VectorCache(vectors_file, embedder)
        self._words = WordList({})
        self._fill(rows)

    def __enter__(self) -> CorpusIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._store.close()
        self._vectors.close()
        self._folder.cleanup()

    @property
    def searcher(self) -> Searcher:
        """Return the searcher customers get, over this corpus."""
        return Searcher(
            self._vectors,
            self._store,
            self._authorise,
            correct=lambda text: corrected(text, self._words),
        )

    def corpus_id(self, document: str) -> str:
        """Return the corpus file's id of a document."""
        return self._corpus_ids[document]

    def _authorise(self, candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
        return {
            candidate.chunk: _scored(self._passages[candidate.chunk], candidate)
            for candidate in candidates
            if self._audiences[candidate.document] in reader.audiences
        }

    def _fill(self, rows: Sequence[CorpusRow]) -> None:
        chunker = Chunker(self._embedder.count_tokens, self._embedder.max_tokens)
        drafts: list[tuple[CorpusRow, ChunkDraft, str]] = []
        counts: Counter[str] = Counter()
        sizes: dict[str, int] = {}
        for row in rows:
            text = clean(parse_markdown(row.text.encode(), row.title).markdown)
            counts.update(set(plain_words(f"{row.title}\n{text}")))
            for draft in chunker.chunks(row.title, text):
                drafts.append((row, draft, embedding_text(row.title, draft.headings, draft.text)))
                sizes[row.id] = draft.ordinal + 1
        self._words.add(counts)
        for start in range(0, len(drafts), EMBED_BATCH):
            batch = drafts[start : start + EMBED_BATCH]
            vectors = self._vectors.embed_documents([text for _, _, text in batch])
            points = [
                self._point(row, draft, text, vector, sizes[row.id])
                for (row, draft, text), vector in zip(batch, vectors, strict=True)
            ]
            self._store.upsert(self._with_titles(batch, points))
            self._report(start + len(batch))

    def _with_titles(
        self, batch: Sequence[tuple[CorpusRow, ChunkDraft, str]], points: Sequence[Point]
    ) -> list[Point]:
        titled = {n: row.title for n, (row, draft, _) in enumerate(batch) if not draft.ordinal}
        titles = [title for title in titled.values() if title]
        vectors = dict(zip(titles, self._vectors.embed_documents(titles), strict=True))
        return [
            replace(point, title=vectors[title])
            if (title := titled.get(number, "")) in vectors
            else point
            for number, point in enumerate(points)
        ]

    def _point(
        self, row: CorpusRow, draft: ChunkDraft, text: str, vector: Vectors, chunks: int
    ) -> Point:
        document = str(uuid.uuid5(NAMESPACE, row.id))
        chunk = str(uuid.uuid5(NAMESPACE, f"{row.id}\0{draft.ordinal}"))
        self._audiences[document] = INTERNAL_AUDIENCE if row.internal else PUBLIC_AUDIENCE
        self._passages[chunk] = Passage(
            chunk=chunk,
            document=document,
            version=document,
            title=row.title,
            headings=draft.headings,
            text=draft.text,
            url=row.url,
            page=None,
            score=0.0,
            dense_score=0.0,
            sparse_score=0.0,
        )
        return Point(
            id=chunk,
            document=document,
            collection="evaluation",
            audiences=(self._audiences[document],),
            dense=[float(x) for x in vector],
            sparse=sparse_document(text),
            chunks=chunks,
        )


class VectorCache:
    """An embedder that remembers vectors by content in a file, so that a second run is cheap."""

    def __init__(self, file: Path, embedder: Embedder) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._embedder = embedder
        self._rows = sqlite3.connect(file, check_same_thread=False, timeout=30)
        self._rows.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB)")
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self.max_tokens = embedder.max_tokens

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector, remembered or new."""
        vector: Vectors = self.embed_documents([text])[0]
        return vector

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, computing only those that are not remembered."""
        keys = [self._key(text) for text in texts]
        known = {key: vector for key in keys if (vector := self._read(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            made = self._embedder.embed_documents(list(missing.values()))
            for key, vector in zip(missing, made, strict=True):
                known[key] = vector
                statement = "INSERT OR REPLACE INTO vectors VALUES (?, ?)"
                self._rows.execute(statement, (key, vector.tobytes()))
            self._rows.commit()
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.dimensions))

    def count_tokens(self, text: str) -> int:
        """Count tokens with the embedder's tokenizer."""
        return self._embedder.count_tokens(text)

    def warm_up(self) -> None:
        """Load the model."""
        self._embedder.warm_up()

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._embedder.name}\0{text}".encode()).hexdigest()

    def _read(self, key: str) -> Vectors | None:
        row = self._rows.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        return np.frombuffer(row[0], dtype=np.float32) if row else None


def _scored(passage: Passage, candidate: Scored) -> Passage:
    return replace(
        passage,
        score=round(candidate.score, 6),
        dense_score=round(candidate.dense, 6),
        sparse_score=round(candidate.sparse, 6),
        title_score=round(candidate.title, 6),
        code_score=round(candidate.codes, 6),
    )

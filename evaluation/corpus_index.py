"""An index of a corpus file of its own: the chunking, embedding and search that customers get."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from evaluation.cases import CorpusRow
from evaluation.corpus_languages import CorpusLanguages, LanguageModels
from evaluation.vector_cache import VectorCache
from knowledge.ingestion.chunking import Chunker, embedding_text
from knowledge.ingestion.parsing.markdown import parse_markdown
from knowledge.ingestion.sanitising import clean
from knowledge.ingestion.values import ChunkDraft
from knowledge.models import INTERNAL_AUDIENCE, PUBLIC_AUDIENCE
from knowledge.retrieval.analysis import plain_words, sparse_document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.spelling import Correction, WordList, corrected
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
        second: LanguageModels | None = None,
    ) -> None:
        self._embedder = embedder
        self._report = report
        self._passages: dict[str, Passage] = {}
        self._audiences: dict[str, str] = {}
        self._corpus_ids = {str(uuid.uuid5(NAMESPACE, row.id)): row.id for row in rows}
        self._folder = tempfile.TemporaryDirectory(prefix="evaluation-")
        self._store = EdgeIndex(Path(self._folder.name) / "chunks")
        self._vectors = VectorCache(vectors_file, embedder)
        self._words = WordList({})
        self._languages = CorpusLanguages(
            second, Path(self._folder.name), vectors_file, self._passages, self._audiences
        )
        self._fill(rows)

    def __enter__(self) -> CorpusIndex:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._languages.close()
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
            correct=self._correct,
            languages=self._languages,
        )

    @property
    def store(self) -> EdgeIndex:
        """Return the index itself, for searches that customers do not get."""
        return self._store

    @property
    def vectors(self) -> VectorCache:
        """Return the embedder that remembers."""
        return self._vectors

    def corpus_id(self, document: str) -> str:
        """Return the corpus file's id of a document."""
        return self._corpus_ids[document]

    def _correct(self, text: str) -> Correction:
        # A word that the model has whole is one that people use.
        return corrected(text, (self._words,), lambda word: self._embedder.count_tokens(word) == 1)

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
            self._languages.read(row.id, text)
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
            sparse=sparse_document(text, self._languages.of(row.id)),
            chunks=chunks,
        )


def _scored(passage: Passage, candidate: Scored) -> Passage:
    return replace(
        passage,
        score=round(candidate.score, 6),
        dense_score=round(candidate.dense, 6),
        sparse_score=round(candidate.sparse, 6),
        title_score=round(candidate.title, 6),
        code_score=round(candidate.codes, 6),
    )

"""The languages of a corpus, and the second index, made when a case is in another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.vector_cache import VectorCache
from knowledge.retrieval.analysis import ENGLISH
from knowledge.retrieval.other_languages import SentenceSearch, group_point, groups_of
from knowledge.retrieval.values import Passage, Reader
from providers.embeddings.base import Embedder
from providers.languages import (
    LanguageClassifier,
    document_language,
    is_foreign,
    likeliest,
    spoken,
)
from providers.vector_store.edge_shard import EdgeIndex


@dataclass(frozen=True, slots=True)
class LanguageModels:
    """What tells languages apart, and the second model; none of it where it is switched off."""

    classifier: LanguageClassifier
    embedder: Embedder | None


class CorpusLanguages:
    """What a search asks about languages, over one corpus."""

    def __init__(
        self,
        models: LanguageModels | None,
        folder: Path,
        vectors_file: Path,
        passages: Mapping[str, Passage],
        audiences: Mapping[str, str],
    ) -> None:
        self._models = models
        self._folder = folder
        self._vectors_file = vectors_file
        self._passages = passages
        self._audiences = audiences
        self._of: dict[str, str] = {}
        self._made: tuple[EdgeIndex, VectorCache] | None = None

    def read(self, row: str, text: str) -> None:
        """Note a document's language."""
        if self._models is not None:
            self._of[row] = document_language(self._models.classifier, text)

    def of(self, row: str) -> str:
        """Return a document's language; English where nobody can tell."""
        return self._of.get(row) or ENGLISH

    def language(self, text: str, reader: Reader) -> str:
        """Return the language in which to look for words."""
        languages = self._spoken()
        if self._models is None or len(languages) < 2:
            return next(iter(languages), ENGLISH)
        return likeliest(self._models.classifier, text, languages)

    def foreign(self, text: str, reader: Reader) -> SentenceSearch | None:
        """Return the second search for a question in another language; made at once."""
        models = self._models
        if models is None or models.embedder is None:
            return None
        if not is_foreign(models.classifier, text, self._spoken()):
            return None
        if self._made is None:
            self._made = self._fill(models.embedder)
        index, vectors = self._made
        return SentenceSearch(vectors, index)

    def close(self) -> None:
        """Close the files."""
        for opened in self._made or ():
            opened.close()

    def _spoken(self) -> frozenset[str]:
        return spoken(Counter(self._of.values()))

    def _fill(self, embedder: Embedder) -> tuple[EdgeIndex, VectorCache]:
        index = EdgeIndex(self._folder / "sentences", sentences=True)
        vectors = VectorCache(self._vectors_file, embedder)
        chunks: dict[str, list[Passage]] = {}
        for passage in self._passages.values():
            chunks.setdefault(passage.document, []).append(passage)
        for document, own in chunks.items():
            groups = groups_of(own[0].title, [(p.chunk, p.text) for p in own])
            made = vectors.embed_documents([group.text for group in groups])
            readers = (self._audiences[document],)
            index.upsert(
                [
                    group_point(group, document, "evaluation", readers, [float(x) for x in vector])
                    for group, vector in zip(groups, made, strict=True)
                ]
            )
        return index, vectors

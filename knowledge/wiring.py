"""The process's embedders, vector indexes and searchers, made from `settings.PROVIDERS`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from knowledge.actions.defaults import ensure_generation
from knowledge.authorisation import authorise, lexical_fallback
from knowledge.embedding_ahead import begin_to_embed
from knowledge.live_languages import LiveLanguages, forget
from knowledge.live_vocabulary import current_rows, expander
from knowledge.live_words import corrector
from knowledge.live_words import forget as forget_live_words
from knowledge.models import IndexGeneration
from knowledge.retrieval.reranking import Judge
from knowledge.retrieval.search import Searcher
from providers.embeddings.base import Embedder
from providers.embeddings.kept_vectors import KeptVectors
from providers.embeddings.languages import reads_other_languages
from providers.embeddings.sentences import SentenceEmbedder
from providers.errors import RerankerUnavailable
from providers.languages import LanguageClassifier
from providers.once import Once, once
from providers.registry import build
from providers.rerankers.base import Reranker
from providers.vector_store.base import VectorIndexes, VectorStore
from providers.web.base import WebFetcher

logger = logging.getLogger(__name__)


@once
def _embedders() -> dict[str, Once[Embedder]]:
    """Return the models of this process by name; each loads at first use."""
    return {}


def embedder(model: str | None = None) -> Embedder:
    """Return an embedding model, without a name the one of the index in use."""
    name = ensure_generation().embedding_model if model is None else model

    def make() -> Embedder:
        made: Embedder = build(settings.PROVIDERS["embeddings"], model=name)
        return made

    return _embedders().setdefault(name, once(make))()


@once
def _kept_vectors() -> dict[str, KeptVectors]:
    """Return the kept vectors of this process by their model's name."""
    return {}


def kept_vectors() -> KeptVectors:
    """Return the vectors of pages' sentences, by the model of the index in use."""
    model = embedder()
    return _kept_vectors().setdefault(model.name, KeptVectors(model.embed_documents))


def embed_ahead(text: str) -> None:
    """Begin to embed a question whose search comes in a moment, if its model is loaded."""
    loaded = [model for model in list(_embedders().values()) if model.made]
    # Which one answers while an index of another model is built, the database would have to say.
    if len(loaded) == 1:
        begin_to_embed(loaded[0](), text)


@once
def classifier() -> LanguageClassifier:
    """Return what tells languages apart; it maps its tables at first use."""
    return LanguageClassifier(_model_folder())


@once
def _sentence_embedder() -> SentenceEmbedder:
    return SentenceEmbedder(_model_folder())


def second_embedder(generation: IndexGeneration) -> Embedder | None:
    """Return the model for questions in other languages.

    None where that is switched off, and beside a model that reads them itself.
    """
    if not settings.OTHER_LANGUAGES or reads_other_languages(
        generation.embedding_model, lambda: embedder(generation.embedding_model)
    ):
        return None
    return _sentence_embedder()


def _model_folder() -> Path:
    return Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])


@once
def indexes() -> VectorIndexes:
    """Return the vector indexes of all generations; each opens at first use."""
    made: VectorIndexes = build(settings.PROVIDERS["vector_store"])
    return made


def vector_store(generation: IndexGeneration | None = None) -> VectorStore:
    """Return the index of a generation, by itself of the one in use."""
    return indexes().index((generation or ensure_generation()).number)


def sentence_store(generation: IndexGeneration) -> VectorStore:
    """Return a generation's second index."""
    return indexes().sentences(generation.number)


def languages(generation: IndexGeneration) -> LiveLanguages:
    """Return what a search in a generation asks about languages."""
    return LiveLanguages(
        generation,
        classifier(),
        lambda: second_embedder(generation),
        sentence_store(generation),
    )


def searcher(generation: IndexGeneration | None = None) -> Searcher:
    """Return the one way to passages, by itself over the generation in use.

    For one question: the operator's words are those of this moment.
    """
    generation = generation or ensure_generation()
    model = embedder(generation.embedding_model)
    vocabulary = current_rows()
    return Searcher(
        model,
        vector_store(generation),
        authorise,
        lexical_fallback,
        expander(vocabulary),
        corrector(model, vocabulary),
        judge(),
        languages(generation),
    )


def prover(generation: IndexGeneration) -> Searcher:
    """Return what looks into a generation's index by a document's own words, as they are."""
    return Searcher(embedder(generation.embedding_model), vector_store(generation), authorise)


@once
def reranker() -> Reranker | RerankerUnavailable | None:
    """Return the model of RERANK_MODEL, loaded at first use, or why it cannot be loaded.

    One that cannot be loaded is not tried again for each question, since that may take minutes.
    """
    try:
        made: Reranker | None = build(settings.PROVIDERS["rerankers"])
    except RerankerUnavailable as error:
        logger.error("reranker.unavailable", extra={"error": error.detail})
        return error
    return made


def judge() -> Judge | None:
    """Return what puts the best passages in order, or None without a RERANK_MODEL."""
    if not settings.PROVIDERS["rerankers"]["OPTIONS"]["model"]:
        return None

    def scores(query: str, texts: Sequence[str]) -> Sequence[float]:
        model = reranker()
        if model is None or isinstance(model, RerankerUnavailable):
            raise model or RerankerUnavailable("RERANK_MODEL is not set")
        return model.scores(query, texts)

    return scores


def web_fetcher() -> WebFetcher:
    """Return a fetcher of web pages for one run; close it afterwards."""
    made: WebFetcher = build(settings.PROVIDERS["web"])
    return made


def reset() -> None:
    """Close and forget everything, for tests and for a changed setting."""
    if indexes.made:
        indexes().close()
    forget()
    forget_live_words()
    _embedders.cache_clear()
    _kept_vectors.cache_clear()
    classifier.cache_clear()
    _sentence_embedder.cache_clear()
    indexes.cache_clear()
    reranker.cache_clear()

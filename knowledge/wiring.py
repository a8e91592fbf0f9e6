"""The process's embedder, vector index and searcher, made from `settings.PROVIDERS`."""

from __future__ import annotations

from django.conf import settings

from knowledge.authorisation import authorise, lexical_fallback
from knowledge.retrieval.search import Searcher
from providers.embeddings.base import Embedder
from providers.once import once
from providers.registry import build
from providers.vector_store.base import VectorStore


@once
def embedder() -> Embedder:
    """Return the embedding model; it loads at first use."""
    made: Embedder = build(settings.PROVIDERS["embeddings"])
    return made


@once
def vector_store() -> VectorStore:
    """Return the vector index; it opens at first use."""
    made: VectorStore = build(settings.PROVIDERS["vector_store"])
    return made


@once
def searcher() -> Searcher:
    """Return the one way to passages."""
    return Searcher(embedder(), vector_store(), authorise, lexical_fallback)


def reset() -> None:
    """Close and forget everything, for tests and for a changed setting."""
    if vector_store.made:
        vector_store().close()
    embedder.cache_clear()
    vector_store.cache_clear()
    searcher.cache_clear()

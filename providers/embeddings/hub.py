"""Any other model: a Hugging Face name or a local folder, through sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer

from providers.embeddings.base import Vectors
from providers.embeddings.remembered import remembered
from providers.errors import EmbedderUnavailable


class HubEmbedder:
    """A sentence-transformers model by name. Loads at construction; thread-safe by a lock."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._lock = threading.Lock()
        self._cached_query = remembered(self._embed_query)
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except Exception as error:
            raise EmbedderUnavailable(
                f"EMBEDDING_MODEL {model!r} cannot be loaded: give a local folder, a name the hub "
                "knows while it can be reached, or leave the setting empty for the packaged model"
            ) from error

    @cached_property
    def dimensions(self) -> int:
        """Return the length of each vector."""
        return int(self._model.get_sentence_embedding_dimension() or 0)

    @cached_property
    def max_tokens(self) -> int:
        """Return how many tokens of a text count."""
        return int(self._model.max_seq_length or 256)

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector of shape (dimensions,)."""
        return self._cached_query(text)

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions)."""
        with self._lock:
            return _as_float32(
                self._model.encode_document(list(texts), batch_size=8, normalize_embeddings=True)
            )

    def _embed_query(self, text: str) -> Vectors:
        with self._lock:
            vector = _as_float32(self._model.encode_query(text, normalize_embeddings=True))
        vector.setflags(write=False)
        return vector

    def count_tokens(self, text: str) -> int:
        """Count tokens, without special tokens and without cutting."""
        encoded: Any = self._model.tokenizer(text, add_special_tokens=False, truncation=False)
        return len(encoded["input_ids"])

    def warm_up(self) -> None:
        """Embed once, so that lazy parts are loaded."""
        self.embed_query("warm up")


def _as_float32(vectors: Any) -> Vectors:
    return np.asarray(vectors, dtype=np.float32)

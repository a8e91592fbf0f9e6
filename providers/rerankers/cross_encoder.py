"""A cross-encoder: a Hugging Face name or a local folder, through sentence-transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sentence_transformers import CrossEncoder

from providers.errors import RerankerUnavailable

# Chunks have at most 256 tokens with today's packaged model; longer ones are judged by their start.
MAX_TOKENS = 512


class CrossEncoderReranker:
    """A cross-encoder by name. Loads at construction; thread-safe by a lock."""

    def __init__(self, model: str) -> None:
        self.name = model
        self._lock = threading.Lock()
        try:
            self._model = CrossEncoder(model, device="cpu", max_length=MAX_TOKENS)
        except Exception as error:
            raise RerankerUnavailable(
                f"RERANK_MODEL {model!r} cannot be loaded: give a local folder, a name the hub "
                "knows while it can be reached, or leave the setting empty"
            ) from error

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return one score a text. Raises RerankerUnavailable."""
        if not texts:
            return []
        try:
            with self._lock:
                found = self._model.predict(
                    [(query, text) for text in texts], batch_size=8, show_progress_bar=False
                )
            return [float(score) for score in found]
        except Exception as error:
            raise RerankerUnavailable(f"RERANK_MODEL {self.name!r} failed") from error

"""Vectors of the sentences of pages, kept: many questions are compared with the same ones."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from cachetools import LRUCache

from providers.embeddings.base import Vectors
from providers.errors import EmbedderUnavailable

# The sentences of some 700 passages: 13 MB of numbers of 384 dimensions, 3 MB of text.
KEPT = 8192
# The passages of one answer have about 70 sentences, 0.3 s for a processor. Who would have to wait
# longer than for some of those goes without: a reply has to be there within 2 s while no model
# answers, and those who come together must not be all late together.
PATIENCE_SECONDS = 1.5


class KeptVectors:
    """Remembers the last KEPT texts; makes the others on all processors but one. Thread-safe."""

    def __init__(
        self,
        embed: Callable[[Sequence[str]], Vectors],
        *,
        kept: int = KEPT,
        at_once: int | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._embed = embed
        self._kept: LRUCache[str, Vectors] = LRUCache(kept)
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(at_once or max(1, (os.cpu_count() or 1) - 1))
        self._patience_seconds = patience_seconds

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions), in the order of `texts`.

        Raises EmbedderUnavailable, also when others keep the model busy for too long.
        """
        found = self._known(texts)
        if any(text not in found for text in texts):
            with self._turn():
                # Who was before may have wanted the same.
                found = self._known(texts)
                found |= self._made([text for text in dict.fromkeys(texts) if text not in found])
        return np.stack([found[text] for text in texts])

    def _known(self, texts: Sequence[str]) -> dict[str, Vectors]:
        with self._lock:
            return {text: self._kept[text] for text in texts if text in self._kept}

    def _made(self, texts: Sequence[str]) -> dict[str, Vectors]:
        # Copies: a row by itself would keep the whole array.
        made = {text: row.copy() for text, row in zip(texts, self._embed(texts), strict=True)}
        with self._lock:
            self._kept.update(made)
        return made

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience_seconds):
            raise EmbedderUnavailable("other answers keep the embedding model busy")
        try:
            yield
        finally:
            self._turns.release()

"""Vectors remembered by content in a file, so that a second evaluation is cheap."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from providers.embeddings.base import Embedder, Vectors


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
        if not keys:
            return np.zeros((0, self.dimensions), dtype=np.float32)
        stacked: Vectors = np.stack([known[key] for key in keys])
        return stacked

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

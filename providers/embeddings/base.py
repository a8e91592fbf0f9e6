"""What retrieval and ingestion ask of an embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
# A question is embedded once: search, answer and guards ask for the same text's vector, and an
# earlier turn was a question before. 2,048 vectors of 384 numbers are 3 MB.
QUERY_CACHE_SIZE = 2048


class Embedder(Protocol):
    """Text in, unit vectors out. Thread-safe."""

    @property
    def name(self) -> str:
        """Return the model's name as it is stored with an index."""
        ...

    @property
    def dimensions(self) -> int:
        """Return the length of each vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """Return how many tokens of a text count; the rest is cut off."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return one unit vector of shape (dimensions,), the same one for the same text.

        The last QUERY_CACHE_SIZE texts are remembered. Raises EmbedderUnavailable.
        """
        ...

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape (len(texts), dimensions). Raises EmbedderUnavailable."""
        ...

    def count_tokens(self, text: str) -> int:
        """Count tokens as the model sees them, without special tokens and without cutting."""
        ...

    def warm_up(self) -> None:
        """Load everything now instead of at the first question."""
        ...

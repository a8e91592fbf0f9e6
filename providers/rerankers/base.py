"""What retrieval asks of a model that judges passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Reranker(Protocol):
    """A model that reads a question together with a text."""

    def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the query, higher is better, of no fixed scale.

        Raises RerankerUnavailable.
        """
        ...

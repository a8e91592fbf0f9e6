"""Embeds a question beside the work that comes before its search.

The model runs outside Python's lock: on a second core it costs the answer no time.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from knowledge.retrieval.understanding import embedded_text
from providers.embeddings.base import Embedder
from providers.errors import ProviderError
from providers.once import once

logger = logging.getLogger(__name__)


@once
def _beside() -> ThreadPoolExecutor:
    """Return the one thread for it."""
    return ThreadPoolExecutor(1, thread_name_prefix="embedding-ahead")


def begin_to_embed(model: Embedder, text: str) -> None:
    """Begin to embed what a search will want; the search finds the vector made, or waits for it."""
    wanted = embedded_text(text)
    if wanted:
        _beside().submit(_embed, model, wanted)


def _embed(model: Embedder, text: str) -> None:
    try:
        model.embed_query(text)
    except ProviderError:
        # The search meets the same error and says so.
        logger.info("embedding.ahead_failed")

"""Questions' vectors, remembered: each is made once, however many threads want it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cachetools import LRUCache, cached

from providers.embeddings.base import QUERY_CACHE_SIZE, Vectors

Embed = Callable[[str], Vectors]


def remembered(embed: Embed) -> Embed:
    """Return the same function with its last QUERY_CACHE_SIZE results kept.

    Who asks for a text that another thread is embedding waits for that one's result.
    """
    kept: LRUCache[str, Vectors] = LRUCache(QUERY_CACHE_SIZE)
    return cached(kept, key=str, condition=threading.Condition())(embed)

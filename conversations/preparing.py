"""Answers of one process are prepared one after the other, up to the call of their model.

Until then an answer is work for the processor. Ten that share it are all ready at the end; one
after the other the first is ready at once and the last no later: the median of ten at once fell
from 267 to 218 ms (docs/decisions/0009). Who has waited long goes ahead: one that waits for a
search engine must not hold up all others.
"""

from __future__ import annotations

import threading

PATIENCE_SECONDS = 0.25
_place = threading.Semaphore(1)


class Preparation:
    """The time from the beginning of an answer to its model's call; ends once, by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._has_place = _place.acquire(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        """Let the next one begin; a second call does nothing."""
        with self._lock:
            had_place, self._has_place = self._has_place, False
        if had_place:
            _place.release()

"""Answers of one process are prepared one after the other, up to the call of their model.

Until then an answer is work for the processor. Ten that share it are all ready at the end; one
after the other the first is ready at once and the last no later: the median of ten at once fell
from 267 to 218 ms (docs/decisions/0009). Who has waited long goes ahead: one that waits for a
search engine must not hold up all others.

A message that comes meanwhile is stored after the answers that are under way, for else the first
answer would be ready after ten messages were stored. It waits a moment at most.
"""

from __future__ import annotations

import threading
import time

PATIENCE_SECONDS = 0.25
# From a message's coming. Its sender sees it at once, and a tick when it is stored.
MESSAGE_PATIENCE_SECONDS = 0.15
_place = threading.Semaphore(1)
_changed = threading.Condition()
_under_way = 0


class Preparation:
    """The time from the beginning of an answer to its model's call; ends once, by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way = True
        _count(1)
        self._has_place = _place.acquire(timeout=PATIENCE_SECONDS)

    def end(self) -> None:
        """Let the next one begin; a second call does nothing."""
        with self._lock:
            had_place, self._has_place = self._has_place, False
            was_under_way, self._under_way = self._under_way, False
        if had_place:
            _place.release()
        if was_under_way:
            _count(-1)


def let_answers_go_first(came_at: float) -> None:
    """Wait until no answer is under way, for a moment after the message came at most.

    `came_at` is a time of the monotonic clock.
    """
    left = came_at + MESSAGE_PATIENCE_SECONDS - time.monotonic()
    with _changed:
        _changed.wait_for(lambda: not _under_way, max(left, 0))


def _count(more: int) -> None:
    global _under_way
    with _changed:
        _under_way += more
        _changed.notify_all()

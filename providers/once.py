"""Builds a thing once a process, however many threads ask for it at the same moment.

`functools.cache` may call the function once a thread; two vector indexes or two ingestion
children in one process would hide each other's work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
# Reentrant and shared: one thing may be built of others.
_building = threading.RLock()


class Once(Generic[T]):
    """Wraps a function without arguments; the first call's result is everybody's."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[T] = []
        self.__doc__ = make.__doc__

    def __call__(self) -> T:
        """Return the thing, built by the first caller."""
        if not self._made:
            with _building:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]

    @property
    def made(self) -> bool:
        """Say whether it has been built."""
        return bool(self._made)

    def cache_clear(self) -> None:
        """Forget it; the next call builds another."""
        with _building:
            self._made = []


def once(make: Callable[[], T]) -> Once[T]:
    """Decorate a function so that it runs once a process."""
    return Once(make)

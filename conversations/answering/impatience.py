"""A sink for texts that no customer sees: it ends a model's call when its time is over."""

from __future__ import annotations

from collections.abc import Callable

from providers.clock import Clock


class Impatient:
    """Shows nothing to the customer; cancelled when nobody waits any more, or not this long."""

    def __init__(self, cancelled: Callable[[], bool], clock: Clock, seconds: float) -> None:
        self._cancelled = cancelled
        self._clock = clock
        self._ends = clock.monotonic_seconds() + seconds

    def delta(self, text: str) -> None:
        """Ignore."""

    def retract(self) -> None:
        """Ignore."""

    def cancelled(self) -> bool:
        """Say whether nobody waits any more, or not this long."""
        return self._cancelled() or self._clock.monotonic_seconds() >= self._ends

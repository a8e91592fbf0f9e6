"""The one place that tells the time, so that tests can hold it still."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time for records, monotonic seconds for budgets."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        ...

    def monotonic_seconds(self) -> float:
        """Return seconds that never go backwards."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def monotonic_seconds(self) -> float:
        """Return seconds that never go backwards."""
        return time.monotonic()

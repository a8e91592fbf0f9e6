"""The same question asked twice at once is answered once, within one process."""

from __future__ import annotations

import threading

from conversations.answering.cached import Entry


class _Pending:
    """A question in the air: the event that it is answered, and the answer."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.entry: Entry | None = None


class Seat:
    """One caller's place; see `cached.Flight`."""

    def __init__(self, flights: Flights, key: str, pending: _Pending, *, first: bool) -> None:
        self._flights, self._key, self._pending = flights, key, pending
        self.first = first

    @property
    def over(self) -> bool:
        """Say whether the first one is done."""
        return self._pending.done.is_set()

    def wait(self, seconds: float) -> Entry | None:
        """Wait for the first one's answer; None when it has none to share, or not in time."""
        return self._pending.entry if self._pending.done.wait(seconds) else None

    def land(self, entry: Entry | None) -> None:
        """Hand the answer, or that there is none, to those who wait."""
        if self.first:
            self._flights.remove(self._key)
            self._pending.entry = entry
            self._pending.done.set()


class Flights:
    """The questions in the air, by key."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    def join(self, key: str) -> Seat:
        """Take off, or join the one that is in the air."""
        with self._lock:
            pending = self._pending.get(key)
            if pending is not None:
                return Seat(self, key, pending, first=False)
            pending = self._pending[key] = _Pending()
            return Seat(self, key, pending, first=True)

    def remove(self, key: str) -> None:
        """Forget a question that is answered."""
        with self._lock:
            self._pending.pop(key, None)

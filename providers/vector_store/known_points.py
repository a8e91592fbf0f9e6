"""What the points of an index stand for, remembered: a search asks the engine for ids alone.

Half of a search's time in the engine went into reading what is stored with each of a thousand hits
(docs/decisions/0019).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from qdrant_edge import Record, ScoredPoint

from providers.vector_store.base import Hit, hit_of

# About 0.4 KB each.
MOST_KNOWN = 20_000

Fetch = Callable[[Sequence[UUID]], Iterable[Record]]


class KnownPoints:
    """Makes hits of the engine's points. `fetch` returns points with what is stored with them.

    Thread-safe. What is stored with a point changes only when it is written again: `forget` it
    after that.
    """

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._lock = threading.Lock()
        # By the number that a UUID is, since comparing numbers costs a tenth of comparing UUIDs.
        self._known: dict[int, Hit] = {}
        self._uuids: dict[str, UUID] = {}

    def hits(self, found: Sequence[ScoredPoint]) -> list[Hit]:
        """Return the points that still are there, in the same order."""
        # Each look at an attribute converts it anew.
        numbers = [_uuid(point.id).int for point in found]
        known = self._known
        stored = [known.get(number) for number in numbers]
        if None in stored:
            learned = self._learn(
                [UUID(int=n) for n, hit in zip(numbers, stored, strict=True) if hit is None]
            )
            stored = [hit or learned.get(n) for n, hit in zip(numbers, stored, strict=True)]
        return [
            Hit(hit.id, hit.document, point.score, hit.chunks, hit.chunk)
            for hit, point in zip(stored, found, strict=True)
            if hit is not None
        ]

    def uuids(self, ids: Iterable[str]) -> set[int | UUID | str]:
        """Return ids as the engine takes them."""
        known = self._uuids
        return {known.get(point_id) or UUID(point_id) for point_id in ids}

    def forget(self, ids: Iterable[str]) -> None:
        """Read these anew next time."""
        # One who learns has the lock from reading to remembering, so nothing old comes after this.
        with self._lock:
            for point_id in ids:
                known = self._uuids.pop(point_id, None)
                if known is not None:
                    self._known.pop(known.int, None)

    def _learn(self, ids: Sequence[UUID]) -> dict[int, Hit]:
        with self._lock:
            records = {_uuid(record.id): record.payload or {} for record in self._fetch(ids)}
            learned = {uuid.int: hit_of(str(uuid), 0.0, kept) for uuid, kept in records.items()}
            if len(self._known) + len(learned) > MOST_KNOWN:
                self._known, self._uuids = {}, {}
            self._known.update(learned)
            self._uuids.update((str(uuid), uuid) for uuid in records)
        return learned


def _uuid(point_id: int | UUID | str) -> UUID:
    # Every point of ours is written with one.
    assert isinstance(point_id, UUID)
    return point_id

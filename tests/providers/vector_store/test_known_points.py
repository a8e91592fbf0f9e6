"""What an index's points stand for is remembered, and never older than what was written."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from providers.vector_store import known_points
from providers.vector_store.known_points import KnownPoints


class Engine:
    """Keeps what is stored with points, and what was asked for."""

    def __init__(self, *documents: str) -> None:
        self.kept = {uuid.uuid4(): document for document in documents}
        self.asked: list[UUID] = []

    def fetch(self, ids: Sequence[UUID]) -> Any:
        self.asked += ids
        return [
            SimpleNamespace(id=point, payload={"document": self.kept[point], "chunks": 2})
            for point in ids
            if point in self.kept
        ]

    def found(self) -> Any:
        return [SimpleNamespace(id=UUID(int=p.int), score=0.5) for p in self.kept]


def test_a_point_is_read_once_and_again_when_it_was_written_again() -> None:
    engine = Engine("a", "b")
    points = KnownPoints(engine.fetch)
    found = engine.found()
    hits = points.hits(found)
    assert [(hit.document, hit.score, hit.chunks) for hit in hits] == [("a", 0.5, 2), ("b", 0.5, 2)]
    assert [hit.id for hit in hits] == [str(point) for point in engine.kept]
    assert points.hits(found) == hits
    assert len(engine.asked) == 2
    first = next(iter(engine.kept))
    engine.kept[first] = "c"
    points.forget([str(first), str(uuid.uuid4())])
    assert [hit.document for hit in points.hits(found)] == ["c", "b"]
    assert engine.asked[2:] == [first]


def test_a_point_that_went_meanwhile_is_left_out() -> None:
    engine = Engine("a", "b")
    found = engine.found()
    del engine.kept[found[0].id]
    points = KnownPoints(engine.fetch)
    assert [hit.document for hit in points.hits(found)] == ["b"]


def test_no_more_are_remembered_than_were_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_points, "MOST_KNOWN", 3)
    engine = Engine("a", "b", "c", "d", "e")
    points = KnownPoints(engine.fetch)
    found = engine.found()
    for start in range(5):
        assert len(points.hits(found[start : start + 2])) == min(2, 5 - start)
        assert len(points._known) <= 3
        assert len(points._known) == len(points._uuids)
    assert [hit.document for hit in points.hits(found)] == ["a", "b", "c", "d", "e"]


def test_ids_are_given_as_the_engine_takes_them_whether_known_or_not() -> None:
    engine = Engine("a")
    points = KnownPoints(engine.fetch)
    (known,) = points.hits(engine.found())
    other = uuid.uuid4()
    assert points.uuids([known.id, str(other)]) == {UUID(known.id), other}

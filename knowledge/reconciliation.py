"""Do the database and a generation's index agree, point by point? And how they come to again.

The database is right: what the index lacks is made anew, what it has too much is removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from knowledge.actions.indexing import write_points
from knowledge.actions.readers import readers_of
from knowledge.models import Chunk, Document, DocumentStatus, IndexGeneration
from knowledge.wiring import vector_store
from knowledge.working import prepare_version
from providers.vector_store.base import PointState, VectorStore

PAGE = 1000


@dataclass(slots=True)
class Differences:
    """Ids of points: without a point, without a row, and with other readers or another place."""

    expected: int = 0
    found: int = 0
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """Return how many points differ."""
        return len(self.missing) + len(self.surplus) + len(self.differing)


def check(generation: IndexGeneration) -> Differences:
    """Hold every point against its row. Raises ProviderError."""
    expected = _expected(generation)
    differences = Differences(expected=len(expected))
    for point in _points(vector_store(generation)):
        differences.found += 1
        wanted = expected.pop(point.id, None)
        if wanted is None:
            differences.surplus.append(point.id)
        elif wanted != _place(point):
            differences.differing.append(point.id)
    differences.missing = sorted(expected)
    return differences


def repair(generation: IndexGeneration, differences: Differences) -> int:
    """Bring the index in line with the database; return how many documents were made again.

    Raises DocumentUnreadable, ProviderError, PreparationStopped.
    """
    store = vector_store(generation)
    store.delete_points(differences.surplus)
    for document in _documents_of(differences.differing):
        store.set_audiences(str(document.pk), readers_of(document))
    # What still differs is in another place than the row says, so its point is made again.
    again = check(generation)
    broken = _documents_of([*again.missing, *again.differing])
    for document in broken:
        _write_again(document, generation)
    return len(broken)


def _write_again(document: Document, generation: IndexGeneration) -> None:
    version = document.current_version
    if version is not None:
        prepared = prepare_version(version, generation, lambda step: None)
        write_points(
            document, version, prepared, generation, readers_of(document), lambda step: None
        )


def _expected(generation: IndexGeneration) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    documents = Document.objects.exclude(status=DocumentStatus.WITHDRAWN).exclude(
        current_version=None
    )
    expected = {}
    for document in documents.select_related("collection").iterator():
        place = (str(document.pk), document.collection.slug, tuple(sorted(readers_of(document))))
        chunks = Chunk.objects.filter(version=document.current_version_id, generation=generation)
        for chunk in chunks.values_list("pk", flat=True):
            expected[str(chunk)] = place
    return expected


def _points(store: VectorStore) -> Iterator[PointState]:
    after = ""
    while page := store.page(after, PAGE):
        yield from page
        after = page[-1].id


def _place(point: PointState) -> tuple[str, str, tuple[str, ...]]:
    return (point.document, point.collection, tuple(sorted(point.audiences)))


def _documents_of(points: list[str]) -> list[Document]:
    chunks = Chunk.objects.filter(pk__in=[uuid.UUID(point) for point in points])
    documents = Document.objects.filter(pk__in=chunks.values("version__document"))
    return list(documents.select_related("collection", "current_version").distinct())

"""Do the database and a generation's index agree, point by point? And how they come to again.

The database is right: what the index lacks is made anew, what it has too much is removed. Documents
that a worker has, or had a moment ago, are left alone: their points come before their rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from knowledge.actions.indexing import write_points
from knowledge.actions.readers import readers_of
from knowledge.actions.sentences import forget_sentences, point_ids
from knowledge.filling import fill_for
from knowledge.models import Chunk, Document, DocumentStatus, IndexGeneration, SentenceIndex
from knowledge.models.document import WORKING_STATUSES
from knowledge.wiring import sentence_store, vector_store
from knowledge.working import prepare_version
from providers.vector_store.base import PointState, VectorStore

PAGE = 1000
Place = tuple[str, str, tuple[str, ...]]


@dataclass(slots=True)
class Differences:
    """Ids of points: without a point, without a row, and with other readers or another place.

    `in_hand` documents were left out because they are waiting or being worked on. `sentences` are
    those of the second index, for questions in other languages; `missing_from` names the documents
    (by id) that points are missing of.
    """

    expected: int = 0
    found: int = 0
    in_hand: int = 0
    missing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    missing_from: frozenset[str] = frozenset()
    differing_from: frozenset[str] = frozenset()
    sentences: Differences | None = None

    @property
    def number(self) -> int:
        """Return how many points differ, those of sentences among them."""
        own = len(self.missing) + len(self.surplus) + len(self.differing)
        return own + (self.sentences.number if self.sentences else 0)


def check(generation: IndexGeneration) -> Differences:
    """Hold every point of both indexes against its row. Raises ProviderError."""
    started = timezone.now()
    found = _compare(vector_store(generation), _expected(generation), started)
    found.sentences = _compare(sentence_store(generation), _expected_sentences(generation), started)
    return found


def _compare(store: VectorStore, expected: dict[str, Place], started: datetime) -> Differences:
    differences = Differences(expected=len(expected))
    surplus: dict[str, str] = {}
    differing: dict[str, str] = {}
    for point in _points(store):
        differences.found += 1
        wanted = expected.pop(point.id, None)
        if wanted is None:
            surplus[point.id] = point.document
        elif wanted != _place(point):
            differing[point.id] = wanted[0]
    missing = {point: place[0] for point, place in expected.items()}
    in_hand = _in_hand(started)
    differences.in_hand = len(in_hand)
    differences.surplus = _of_others(surplus, in_hand)
    differences.differing = _of_others(differing, in_hand)
    differences.missing = sorted(_of_others(missing, in_hand))
    differences.missing_from = frozenset(missing[point] for point in differences.missing)
    differences.differing_from = frozenset(differing[point] for point in differences.differing)
    return differences


def repair(generation: IndexGeneration, differences: Differences) -> int:
    """Bring the index in line with the database; return how many documents were made again.

    Raises DocumentUnreadable, ProviderError, PreparationStopped.
    """
    broken = mend(generation, differences)
    for document in broken:
        write_again(document, generation)
    if settings.OTHER_LANGUAGES:
        for index in SentenceIndex.objects.filter(generation=generation):
            while fill_for(index.pk):
                pass
    return len(broken)


def mend(generation: IndexGeneration, differences: Differences) -> list[Document]:
    """Repair what needs no embedding; return the documents whose points are to be written again.

    Raises ProviderError.
    """
    store = vector_store(generation)
    store.delete_points(differences.surplus)
    for document in documents_of(differences.differing):
        store.set_audiences([str(document.pk)], readers_of(document))
    if differences.sentences is not None:
        _mend_sentences(generation, differences.sentences)
    # What still differs is in another place than the row says, so its point is made again.
    again = check(generation)
    if again.sentences is not None:
        forget_sentences(generation, again.sentences.differing_from)
    return documents_of([*again.missing, *again.differing])


def _mend_sentences(generation: IndexGeneration, differences: Differences) -> None:
    """Remove and correct points; what is missing is embedded again in the background."""
    store = sentence_store(generation)
    store.delete_points(differences.surplus)
    for document in Document.objects.filter(pk__in=differences.differing_from):
        store.set_audiences([str(document.pk)], readers_of(document))
    forget_sentences(generation, differences.missing_from)


def write_again(document: Document, generation: IndexGeneration) -> None:
    """Write the points of a document's current version anew.

    Raises DocumentUnreadable, ProviderError, PreparationStopped.
    """
    version = document.current_version
    if version is not None:
        prepared = prepare_version(version, generation, lambda step: None)
        write_points(
            document, version, prepared, generation, readers_of(document), lambda step: None
        )


def _in_hand(started: datetime) -> set[str]:
    """Return the documents whose points and rows may be out of step for a moment."""
    working = Q(status__in=[DocumentStatus.QUEUED, *WORKING_STATUSES])
    rows = Document.objects.filter(working | Q(updated_at__gte=started))
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def _of_others(points: dict[str, str], in_hand: set[str]) -> list[str]:
    return [point for point, document in points.items() if document not in in_hand]


def _expected(generation: IndexGeneration) -> dict[str, Place]:
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


def _expected_sentences(generation: IndexGeneration) -> dict[str, Place]:
    expected = {}
    documents = Document.objects.exclude(status=DocumentStatus.WITHDRAWN).exclude(
        current_version=None
    )
    for document in documents.select_related("collection").iterator():
        rows = Chunk.objects.filter(version=document.current_version_id, generation=generation)
        held = rows.exclude(sentences=None).order_by("ordinal").values_list("pk", "sentences")
        counts = {str(pk): number or 0 for pk, number in held}
        if counts:
            place = (
                str(document.pk), document.collection.slug, tuple(sorted(readers_of(document)))
            )  # fmt: skip
            titled = next(iter(counts)) if document.title.strip() else ""
            expected.update(dict.fromkeys(point_ids(counts, titled), place))
    return expected


def _points(store: VectorStore) -> Iterator[PointState]:
    after = ""
    while page := store.page(after, PAGE):
        yield from page
        after = page[-1].id


def _place(point: PointState) -> Place:
    return (point.document, point.collection, tuple(sorted(point.audiences)))


def documents_of(points: list[str]) -> list[Document]:
    """Return the documents that have these points by their rows, each once."""
    chunks = Chunk.objects.filter(pk__in=[uuid.UUID(point) for point in points])
    documents = Document.objects.filter(pk__in=chunks.values("version__document"))
    return list(documents.select_related("collection", "current_version").distinct())

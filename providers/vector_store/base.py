"""What retrieval and ingestion ask of a vector index.

One index holds one dense vector ("dense", cosine) and one sparse vector ("bm25", IDF applied
by the engine) a chunk, and one vector of its title ("title", cosine) a document. Access control is
part of every read: there is no search without a scope, and a scope without audiences finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (32-bit, unique) and their weights, same length."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One chunk as it is indexed. `id` is the chunk's UUID as text.

    `chunks` is how many its document has, 0: not known. `title` is the vector of the document's
    title, given with one chunk of each document.
    """

    id: str
    document: str
    collection: str
    audiences: tuple[str, ...]
    dense: Sequence[float]
    sparse: SparseVector
    payload: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    chunks: int = 0
    title: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see. An empty `audiences` sees nothing; no `collection` means all.

    `within` are the only collections to look in; None is no limit, an empty set sees nothing.
    """

    audiences: frozenset[str]
    collection: str | None = None
    within: frozenset[str] | None = None

    @property
    def sees_nothing(self) -> bool:
        """Say whether there is nothing to look for."""
        return not self.audiences or self.within == frozenset()


@dataclass(frozen=True, slots=True)
class PointState:
    """What the index knows of a point besides its vectors."""

    id: str
    document: str
    collection: str
    audiences: tuple[str, ...]


class Hit(NamedTuple):
    """A point found, with the engine's score (cosine or BM25).

    `chunks` is how many its document has; 0 in an index that does not hold it. `chunk` is the one
    that a group of sentences lies in, "" in an index of chunks. A tuple, because a search makes a
    thousand.
    """

    id: str
    document: str
    score: float
    chunks: int = 0
    chunk: str = ""


# What of a point's payload comes with a hit.
IN_HITS = ["document", "chunks", "chunk"]


def hit_of(point_id: str, score: float, payload: Mapping[str, Any]) -> Hit:
    """Return a hit from what an index keeps with a point."""
    document, chunks = payload["document"], payload.get("chunks", 0)
    return Hit(point_id, document, score, chunks, payload.get("chunk", ""))


def stored_payload(point: Point) -> dict[str, Any]:
    """Return what an index keeps with a point besides its vectors."""
    return {
        **point.payload,
        "document": point.document,
        "collection": point.collection,
        "audiences": list(point.audiences),
        "chunks": point.chunks,
    }


class VectorStore(Protocol):
    """An index of chunks. Thread-safe.

    Raises VectorStoreUnavailable, VectorStoreBusy, VectorDimensionMismatch.
    """

    @property
    def owns_index(self) -> bool:
        """Say whether this process writes to the index itself, without asking another one."""
        ...

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; the same id twice is one point. Durable when this returns."""
        ...

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents; unknown ones are no error."""
        ...

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id; unknown ones are no error."""
        ...

    def set_audiences(self, documents: Iterable[str], audiences: Sequence[str]) -> None:
        """Change who may read these documents, without their vectors being sent again."""
        ...

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine, best first, within the scope."""
        ...

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25, best first, within the scope."""
        ...

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points, those outside the scope left out."""
        ...

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        """Return the cosine of these documents' titles, by document.

        Those without a title's vector and those outside the scope are left out.
        """
        ...

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        ...

    def count(self) -> int:
        """Return how many points there are."""
        ...

    def page(self, after: str, limit: int) -> list[PointState]:
        """Return the next points in the order of their ids, from the first when `after` is ""."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class VectorIndexes(Protocol):
    """The indexes of an installation: one a generation, named by its number. Thread-safe."""

    @property
    def owns_index(self) -> bool:
        """Say whether this process writes to the indexes itself, without asking another one."""
        ...

    def index(self, generation: int) -> VectorStore:
        """Return one of them; it is made by its first write."""
        ...

    def sentences(self, generation: int) -> VectorStore:
        """Return the second index of a generation: groups of sentences, for other languages.

        It holds dense vectors alone, those of the second model. Made by its first write too.
        """
        ...

    def drop(self, generation: int) -> None:
        """Remove both with all their points; an unknown one is no error."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...

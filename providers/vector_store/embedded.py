"""The vector engine in process: one directory an index generation, one owner a data folder.

Who holds the file lock owns the indexes; every other process of the installation goes through the
owner's loopback endpoint. Decided at the first call, so that building the object costs nothing.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from providers.errors import VectorStoreBusy
from providers.vector_store.base import (
    Hit,
    Point,
    PointState,
    Scope,
    SparseVector,
    VectorIndexes,
    VectorStore,
)
from providers.vector_store.edge_shard import EdgeIndex
from providers.vector_store.loopback import LoopbackIndexes


class EdgeIndexes:
    """The indexes of the process that holds the lock; each opens when it is first asked for."""

    owns_index = True

    def __init__(self, folder: Path, lock_file: IO[str]) -> None:
        self._folder = folder
        self._lock_file = lock_file
        self._lock = threading.Lock()
        self._opened: dict[str, EdgeIndex] = {}

    def index(self, generation: int) -> VectorStore:
        """Return the open index of a generation."""
        return self._open(str(generation), sentences=False)

    def sentences(self, generation: int) -> VectorStore:
        """Return the open index of a generation's groups of sentences."""
        return self._open(_of_sentences(generation), sentences=True)

    def drop(self, generation: int) -> None:
        """Close both and remove their files."""
        with self._lock:
            for name in (str(generation), _of_sentences(generation)):
                opened = self._opened.pop(name, None)
                if opened is not None:
                    opened.close()
                shutil.rmtree(self._folder / name, ignore_errors=True)

    def close(self) -> None:
        """Let go of the files and the lock."""
        with self._lock:
            for opened in self._opened.values():
                opened.close()
            self._opened.clear()
            self._lock_file.close()

    def _open(self, name: str, *, sentences: bool) -> EdgeIndex:
        with self._lock:
            if name not in self._opened:
                self._opened[name] = EdgeIndex(self._folder / name, sentences=sentences)
            return self._opened[name]


def _of_sentences(generation: int) -> str:
    return f"{generation}-sentences"


class EmbeddedIndexes:
    """Opens the engine when this process gets the lock, else asks the owner."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server_file = folder.parent / "server.json"
        self._lock = threading.Lock()
        self._reached: VectorIndexes | None = None
        self._owner_pid = 0

    @property
    def owns_index(self) -> bool:
        """Say whether this process has (or now gets) the indexes to itself."""
        return self.reach().owns_index

    def index(self, generation: int) -> VectorStore:
        """Return one of them, wherever it is when it is used."""
        return EmbeddedStore(self, generation)

    def sentences(self, generation: int) -> VectorStore:
        """Return the second one of a generation, wherever it is when it is used."""
        return EmbeddedStore(self, generation, sentences=True)

    def drop(self, generation: int) -> None:
        """Remove one with its points."""
        self.reach().drop(generation)

    def close(self) -> None:
        """Let go of the files and the lock."""
        with self._lock:
            if self._reached is not None:
                self._reached.close()
            self._reached = None

    def reach(self) -> VectorIndexes:
        """Return the indexes of this process, or the way to the owner's."""
        with self._lock:
            # A forked child must not touch the parent's handle: it would hang.
            if self._reached is not None and self._owner_pid != os.getpid():
                raise VectorStoreBusy("the index was opened before a fork; start a new process")
            if self._reached is None or self._server_gone():
                self._reached = self._open()
                self._owner_pid = os.getpid()
            return self._reached

    def _server_gone(self) -> bool:
        return isinstance(self._reached, LoopbackIndexes) and not self._reached.alive()

    def _open(self) -> VectorIndexes:
        self._folder.mkdir(parents=True, exist_ok=True)
        lock_file = (self._folder / "lock").open("a")
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock_file.close()
            return LoopbackIndexes(self._server_file)
        return EdgeIndexes(self._folder, lock_file)


class EmbeddedStore:
    """One generation, found anew at each call: its owner may have ended meanwhile."""

    def __init__(
        self, indexes: EmbeddedIndexes, generation: int, *, sentences: bool = False
    ) -> None:
        self._indexes = indexes
        self._generation = generation
        self._sentences = sentences

    @property
    def owns_index(self) -> bool:
        """Say whether this process has (or now gets) the index to itself."""
        return self._indexes.owns_index

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; durable when this returns."""
        self._store().upsert(points)

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents."""
        self._store().delete_documents(documents)

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id."""
        self._store().delete_points(ids)

    def set_audiences(self, documents: Iterable[str], audiences: Sequence[str]) -> None:
        """Change who may read these documents."""
        self._store().set_audiences(documents, audiences)

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine, best first."""
        return self._store().search_dense(vector, scope, limit)

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25, best first."""
        return self._store().search_sparse(vector, scope, limit)

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points."""
        return self._store().score_dense(vector, ids, scope)

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        """Return the cosine of these documents' titles, by document."""
        return self._store().score_titles(vector, documents, scope)

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        return self._store().point_ids(document)

    def count(self) -> int:
        """Return how many points there are."""
        return self._store().count()

    def page(self, after: str, limit: int) -> list[PointState]:
        """Return the next points in the order of their ids."""
        return self._store().page(after, limit)

    def close(self) -> None:
        """Nothing of its own to let go of: the indexes hold the files."""

    def _store(self) -> VectorStore:
        reached = self._indexes.reach()
        if self._sentences:
            return reached.sentences(self._generation)
        return reached.index(self._generation)

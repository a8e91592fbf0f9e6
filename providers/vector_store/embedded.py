"""The vector engine in process: one directory an index generation, one owner a data folder.

Who holds the file lock owns the index; every other process of the installation goes through the
owner's loopback endpoint. Decided at the first call, so that building the object costs nothing.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from providers.errors import VectorStoreBusy
from providers.vector_store.base import Hit, Point, Scope, SparseVector, VectorStore
from providers.vector_store.edge_shard import EdgeIndex
from providers.vector_store.loopback import LoopbackStore

FIRST_GENERATION = "1"


class EmbeddedStore:
    """Opens the engine when this process gets the lock, else asks the owner."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server_file = folder.parent / "server.json"
        self._lock = threading.Lock()
        self._opened: VectorStore | None = None
        self._lock_file: IO[str] | None = None
        self._owner_pid = 0

    @property
    def owns_index(self) -> bool:
        """Say whether this process has (or now gets) the index to itself."""
        return isinstance(self._store(), EdgeIndex)

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; durable when this returns."""
        self._store().upsert(points)

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents."""
        self._store().delete_documents(documents)

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id."""
        self._store().delete_points(ids)

    def set_audiences(self, document: str, audiences: Sequence[str]) -> None:
        """Change who may read a document."""
        self._store().set_audiences(document, audiences)

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine, best first."""
        return self._store().search_dense(vector, scope, limit)

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25, best first."""
        return self._store().search_sparse(vector, scope, limit)

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points."""
        return self._store().score_dense(vector, ids, scope)

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        return self._store().point_ids(document)

    def count(self) -> int:
        """Return how many points there are."""
        return self._store().count()

    def close(self) -> None:
        """Let go of the files and the lock."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            if self._lock_file is not None:
                self._lock_file.close()
            self._opened = self._lock_file = None

    def _store(self) -> VectorStore:
        with self._lock:
            # A forked child must not touch the parent's handle: it would hang.
            if self._opened is not None and self._owner_pid != os.getpid():
                raise VectorStoreBusy("the index was opened before a fork; start a new process")
            if self._opened is None or self._server_gone():
                self._opened = self._open()
                self._owner_pid = os.getpid()
            return self._opened

    def _server_gone(self) -> bool:
        return isinstance(self._opened, LoopbackStore) and not self._opened.alive()

    def _open(self) -> VectorStore:
        self._folder.mkdir(parents=True, exist_ok=True)
        lock_file = (self._folder / "lock").open("a")
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock_file.close()
            return LoopbackStore(self._server_file)
        self._lock_file = lock_file
        return EdgeIndex(self._folder / self._current_generation())

    def _current_generation(self) -> str:
        """Read which generation answers; the pointer is a file that is replaced atomically."""
        pointer = self._folder / "current"
        if not pointer.exists():
            partial = self._folder / "current.part"
            partial.write_text(FIRST_GENERATION, encoding="utf-8")
            partial.replace(pointer)
        return pointer.read_text(encoding="utf-8").strip()

"""The index of the server that runs on the same data folder, through its loopback endpoint.

The engine in process has one owner. `manage.py search`, `ask` and `ingest` beside a running server
come here.
"""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.error import URLError

from providers.errors import VectorStoreBusy, VectorStoreUnavailable
from providers.vector_store import wire
from providers.vector_store.base import (
    Hit,
    Point,
    PointState,
    Scope,
    SparseVector,
    VectorStore,
)

TIMEOUT_SECONDS = 30.0
PATH = "/internal/vector-store"


def process_alive(pid: int) -> bool:
    """Say whether a process with this id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def running_server(server_file: Path) -> dict[str, Any] | None:
    """Return `{url, token, pid}` of the server on this data folder, or None when none runs."""
    try:
        found: dict[str, Any] = json.loads(server_file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if process_alive(int(found["pid"])) else None


class LoopbackIndexes:
    """The way to the owner's indexes."""

    owns_index = False

    def __init__(self, server_file: Path) -> None:
        server = running_server(server_file)
        if server is None:
            raise VectorStoreBusy(
                f"another process uses the index in {server_file.parent} and is no server: "
                "wait until it has ended, or end it"
            )
        self._url = str(server["url"]) + PATH
        self._token = str(server["token"])
        self._pid = int(server["pid"])
        # No proxies from the environment: this is our own machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def index(self, generation: int) -> VectorStore:
        """Return one of them."""
        return LoopbackStore(self, generation)

    def sentences(self, generation: int) -> VectorStore:
        """Return the second one of a generation."""
        return LoopbackStore(self, generation, sentences=True)

    def drop(self, generation: int) -> None:
        """Have the owner remove one."""
        self.call(generation, "drop")

    def alive(self) -> bool:
        """Say whether the owner's process still runs."""
        return process_alive(self._pid)

    def close(self) -> None:
        """Nothing to let go of: each call has its own connection."""

    def call(
        self, generation: int, method: str, *, sentences: bool = False, **arguments: object
    ) -> Any:
        """Send one call and return its result. Raises what the owner raised."""
        body = {
            "generation": generation,
            "sentences": sentences,
            "method": method,
            "arguments": {name: wire.encode(value) for name, value in arguments.items()},
        }
        request = urllib.request.Request(  # noqa: S310 - the address is our own server's
            self._url,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                answer = json.load(response)
        except (URLError, OSError, ValueError) as error:
            raise VectorStoreUnavailable(
                f"the server on this data folder does not answer at {self._url}: {error}",
                provider="loopback",
            ) from error
        if "error" in answer:
            wire.raise_error(answer["error"], answer.get("detail", ""))
        return answer["result"]


class LoopbackStore:
    """Sends each call to the owner of the index."""

    owns_index = False

    def __init__(
        self, indexes: LoopbackIndexes, generation: int, *, sentences: bool = False
    ) -> None:
        self._indexes = indexes
        self._generation = generation
        self._sentences = sentences

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points."""
        self._call("upsert", points=points)

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents."""
        self._call("delete_documents", documents=list(documents))

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id."""
        self._call("delete_points", ids=list(ids))

    def set_audiences(self, documents: Iterable[str], audiences: Sequence[str]) -> None:
        """Change who may read these documents."""
        self._call("set_audiences", documents=list(documents), audiences=audiences)

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine."""
        return wire.hits(self._call("search_dense", vector=vector, scope=scope, limit=limit))

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25."""
        return wire.hits(self._call("search_sparse", vector=vector, scope=scope, limit=limit))

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points."""
        return wire.hits(self._call("score_dense", vector=vector, ids=ids, scope=scope))

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        """Return the cosine of these documents' titles, by document."""
        found = self._call("score_titles", vector=vector, documents=documents, scope=scope)
        return {document: float(score) for document, score in found.items()}

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        return set(self._call("point_ids", document=document))

    def count(self) -> int:
        """Return how many points there are."""
        return int(self._call("count"))

    def page(self, after: str, limit: int) -> list[PointState]:
        """Return the next points in the order of their ids."""
        return wire.states(self._call("page", after=after, limit=limit))

    def close(self) -> None:
        """Nothing to let go of: each call has its own connection."""

    def _call(self, method: str, **arguments: object) -> Any:
        return self._indexes.call(self._generation, method, sentences=self._sentences, **arguments)

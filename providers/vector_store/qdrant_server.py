"""The indexes on a Qdrant server, through qdrant-client: one collection a generation,
and one of its sentences once somebody asks in another language.

`:memory:` is the client's local mode.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException

from providers.errors import VectorDimensionMismatch, VectorStoreUnavailable
from providers.vector_store.base import (
    IN_HITS,
    Hit,
    Point,
    PointState,
    Scope,
    SparseVector,
    VectorStore,
    hit_of,
    stored_payload,
)

TIMEOUT_SECONDS = 10
UPSERT_BATCH = 64
SCROLL_PAGE = 1000


class QdrantIndexes:
    """One connection for all generations. Connects at the first call."""

    owns_index = True

    def __init__(self, url: str, api_key: str = "", prefix: str = "supportbot") -> None:
        self.url = url
        self._api_key = api_key
        self._prefix = prefix
        self._lock = threading.Lock()
        # The local mode is not thread-safe; a server needs no lock of ours.
        self._call_lock = threading.RLock() if url == ":memory:" else None
        self._connected: QdrantClient | None = None
        self._stores: dict[str, QdrantServerStore] = {}

    def index(self, generation: int) -> VectorStore:
        """Return the collection of a generation."""
        return self._store(f"{self._prefix}-{generation}", sentences=False)

    def sentences(self, generation: int) -> VectorStore:
        """Return the collection of a generation's groups of sentences."""
        return self._store(f"{self._prefix}-{generation}-sentences", sentences=True)

    def drop(self, generation: int) -> None:
        """Remove both collections."""
        for name in (f"{self._prefix}-{generation}", f"{self._prefix}-{generation}-sentences"):
            with self._lock:
                self._stores.pop(name, None)
            with self.calling() as client:
                client.delete_collection(name)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            if self._connected is not None:
                self._connected.close()
            self._connected = None
            self._stores.clear()

    @contextmanager
    def calling(self) -> Iterator[QdrantClient]:
        """Lend the client for one call. Raises VectorStoreUnavailable."""
        if self._call_lock:
            self._call_lock.acquire()
        try:
            yield self._client()
        except (ApiException, OSError, ConnectionError) as error:
            raise VectorStoreUnavailable(
                f"Qdrant at {self.url} does not answer: {type(error).__name__}", provider="qdrant"
            ) from error
        finally:
            if self._call_lock:
                self._call_lock.release()

    def _store(self, name: str, *, sentences: bool) -> QdrantServerStore:
        with self._lock:
            if name not in self._stores:
                self._stores[name] = QdrantServerStore(self, name, sentences=sentences)
            return self._stores[name]

    def _client(self) -> QdrantClient:
        with self._lock:
            if self._connected is None:
                self._connected = (
                    QdrantClient(location=":memory:")
                    if self.url == ":memory:"
                    else QdrantClient(
                        url=self.url, api_key=self._api_key or None, timeout=TIMEOUT_SECONDS
                    )
                )
            return self._connected


class QdrantServerStore:
    """One collection on a server. One of `sentences` holds dense vectors alone, on the disk."""

    def __init__(self, indexes: QdrantIndexes, name: str, *, sentences: bool = False) -> None:
        self._indexes = indexes
        self._index = name
        self._sentences = sentences
        self._dimensions = 0
        self._holds_titles = False

    @property
    def owns_index(self) -> bool:
        """Every process may write to a server."""
        return True

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; durable when this returns."""
        if not points:
            return
        with self._calling() as client:
            self._ensure_index(client, len(points[0].dense))
            for start in range(0, len(points), UPSERT_BATCH):
                batch = [self._struct(point) for point in points[start : start + UPSERT_BATCH]]
                client.upsert(self._index, batch, wait=True)

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents."""
        wanted = list(documents)
        if wanted and self._exists():
            match = models.FieldCondition(key="document", match=models.MatchAny(any=wanted))
            with self._calling() as client:
                client.delete(self._index, models.Filter(must=[match]), wait=True)

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id."""
        wanted = list(ids)
        if wanted and self._exists():
            selector = models.PointIdsList(points=[*wanted])
            with self._calling() as client:
                client.delete(self._index, selector, wait=True)

    def set_audiences(self, documents: Iterable[str], audiences: Sequence[str]) -> None:
        """Change who may read these documents, in place."""
        wanted = list(documents)
        if wanted and self._exists():
            payload = {"audiences": list(audiences)}
            match = models.FieldCondition(key="document", match=models.MatchAny(any=wanted))
            with self._calling() as client:
                client.set_payload(self._index, payload, models.Filter(must=[match]), wait=True)

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine, best first."""
        return self._query([float(x) for x in vector], "dense", _visible(scope), limit)

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25, best first."""
        if not vector.indices or self._sentences:
            return []
        return self._query(_sparse(vector), "bm25", _visible(scope), limit)

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points, those outside the scope left out."""
        if not ids:
            return []
        visible = _visible(scope, models.HasIdCondition(has_id=list(ids)))
        return self._query([float(x) for x in vector], "dense", visible, len(ids))

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        """Return the cosine of these documents' titles, by document."""
        if not documents or not self._exists() or not self._holds_titles:
            return {}
        match = models.MatchAny(any=list(documents))
        visible = _visible(scope, models.FieldCondition(key="document", match=match))
        # Two versions of a document are there for a moment while it is indexed again.
        limit = 2 * len(documents)
        found = self._query([float(x) for x in vector], "title", visible, limit)
        # The best comes first and is to stay.
        return {hit.document: hit.score for hit in reversed(found)}

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        found: set[str] = set()
        offset = None
        while self._exists():
            with self._calling() as client:
                records, offset = client.scroll(
                    self._index, _of_document(document), limit=SCROLL_PAGE, offset=offset
                )
            found.update(str(record.id) for record in records)
            if offset is None:
                break
        return found

    def count(self) -> int:
        """Return how many points there are."""
        if not self._exists():
            return 0
        with self._calling() as client:
            return client.count(self._index, exact=True).count

    def page(self, after: str, limit: int) -> list[PointState]:
        """Return the next points in the order of their ids."""
        if not self._exists():
            return []
        with self._calling() as client:
            # The server begins with the named point, which the caller has already.
            records, _ = client.scroll(
                self._index, limit=limit + bool(after), offset=after or None, with_payload=True
            )
        states = [_state(str(record.id), record.payload or {}) for record in records]
        return [state for state in states if state.id != after][:limit]

    def close(self) -> None:
        """Nothing of its own to let go of: the connection is shared."""

    def _calling(self) -> AbstractContextManager[QdrantClient]:
        return self._indexes.calling()

    def _query(
        self,
        query: list[float] | models.SparseVector,
        using: str,
        visible: models.Filter | None,
        limit: int,
    ) -> list[Hit]:
        if visible is None or limit < 1 or not self._exists():
            return []
        if isinstance(query, list):
            self._check_dimensions(len(query))
        with self._calling() as client:
            answer = client.query_points(
                self._index,
                query=query,
                using=using,
                query_filter=visible,
                limit=limit,
                with_payload=IN_HITS,
            )
        return [
            hit_of(str(point.id), float(point.score), point.payload or {})
            for point in answer.points
            if point.score > 0 or using != "bm25"
        ]

    def _exists(self) -> bool:
        """Say whether the index was made; also learns its dimensions."""
        if self._dimensions:
            return True
        with self._calling() as client:
            if not client.collection_exists(self._index):
                return False
            vectors = client.get_collection(self._index).config.params.vectors
        if isinstance(vectors, dict):
            self._dimensions = vectors["dense"].size
            self._holds_titles = "title" in vectors
        return bool(self._dimensions)

    def _ensure_index(self, client: QdrantClient, dimensions: int) -> None:
        if self._exists():
            self._check_dimensions(dimensions)
            return
        client.create_collection(
            self._index,
            vectors_config=self._vectors(dimensions),
            sparse_vectors_config=None
            if self._sentences
            else {"bm25": models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        if self._indexes.url != ":memory:":
            for key in ("audiences", "document", "collection"):
                client.create_payload_index(self._index, key, models.PayloadSchemaType.KEYWORD)
        self._dimensions, self._holds_titles = dimensions, not self._sentences

    def _vectors(self, dimensions: int) -> dict[str, models.VectorParams]:
        cosine = models.Distance.COSINE
        if self._sentences:
            half = models.Datatype.FLOAT16
            return {
                "dense": models.VectorParams(
                    size=dimensions, distance=cosine, on_disk=True, datatype=half
                )
            }
        names = ("dense", "title")
        return {name: models.VectorParams(size=dimensions, distance=cosine) for name in names}

    def _struct(self, point: Point) -> models.PointStruct:
        vectors: dict[str, Any] = {"dense": [float(x) for x in point.dense]}
        if point.sparse.indices:
            vectors["bm25"] = _sparse(point.sparse)
        if point.title is not None and self._holds_titles:
            vectors["title"] = [float(x) for x in point.title]
        return models.PointStruct(id=point.id, vector=vectors, payload=stored_payload(point))

    def _check_dimensions(self, found: int) -> None:
        if self._dimensions and found != self._dimensions:
            raise VectorDimensionMismatch(
                f"the Qdrant index {self._index} holds vectors of {self._dimensions} numbers, the "
                f"embedding model makes {found}: run manage.py reindex, or set EMBEDDING_MODEL back"
            )


def _state(point_id: str, payload: Mapping[str, Any]) -> PointState:
    return PointState(
        id=point_id,
        document=str(payload.get("document", "")),
        collection=str(payload.get("collection", "")),
        audiences=tuple(payload.get("audiences", ())),
    )


def _visible(
    scope: Scope, *more: models.HasIdCondition | models.FieldCondition
) -> models.Filter | None:
    """Return the reader's filter, or None when nothing may be seen."""
    if scope.sees_nothing:
        return None
    audiences = models.MatchAny(any=sorted(scope.audiences))
    must: list[models.Condition] = [models.FieldCondition(key="audiences", match=audiences), *more]
    if scope.collection is not None:
        match = models.MatchValue(value=scope.collection)
        must.append(models.FieldCondition(key="collection", match=match))
    if scope.within is not None:
        among = models.MatchAny(any=sorted(scope.within))
        must.append(models.FieldCondition(key="collection", match=among))
    return models.Filter(must=must)


def _of_document(document: str) -> models.Filter:
    match = models.MatchValue(value=document)
    return models.Filter(must=[models.FieldCondition(key="document", match=match)])


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=list(vector.indices), values=list(vector.values))

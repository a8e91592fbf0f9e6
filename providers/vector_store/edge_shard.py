"""One generation of the index in the Rust engine that runs in process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from qdrant_edge import (
    CountRequest,
    Distance,
    EdgeConfig,
    EdgeOptimizersConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    FieldCondition,
    Filter,
    HasIdCondition,
    HasVectorCondition,
    IsEmptyCondition,
    IsNullCondition,
    MatchAny,
    MatchValue,
    Modifier,
    NestedCondition,
    PayloadSchemaType,
    Query,
    QueryRequest,
    Record,
    ScrollRequest,
    UpdateOperation,
    VectorStorageDatatype,
)
from qdrant_edge import Point as EdgePoint
from qdrant_edge import SparseVector as EdgeSparseVector

from providers.errors import VectorDimensionMismatch, VectorStoreUnavailable
from providers.vector_store.base import (
    IN_HITS,
    Hit,
    Point,
    PointState,
    Scope,
    SparseVector,
    stored_payload,
)
from providers.vector_store.known_points import KnownPoints

ConditionType = (
    FieldCondition
    | IsEmptyCondition
    | IsNullCondition
    | HasIdCondition
    | HasVectorCondition
    | NestedCondition
    | Filter
)
# HNSW pays from about 100,000 chunks; building it on 12,000 froze a process for 23 s.
INDEXING_THRESHOLD_KB = 10_000_000
# The engine holds the interpreter's lock during a call, so writes go in small pieces.
UPSERT_BATCH = 16
SCROLL_PAGE = 1000
ONE_SEARCH_THREAD = 1


class EdgeIndex:
    """Opens or makes the shard in `folder`. The shard is made by the first write.

    One of `sentences` has six times the points and is seldom asked: its vectors are mapped from
    files in half precision instead of held in memory, and there are no words and titles.
    """

    def __init__(self, folder: Path, *, sentences: bool = False) -> None:
        self._folder = folder
        self._sentences = sentences
        self._write_lock = threading.Lock()
        self._dimensions = 0
        self._holds_titles = False
        self._shard: EdgeShard | None = None
        self._points = KnownPoints(self._stored)
        description = folder / "description.json"
        if description.exists():
            described = json.loads(description.read_text("utf-8"))
            self._dimensions = int(described["dimensions"])
            self._holds_titles = bool(described.get("titles", False))
            try:
                self._shard = EdgeShard.load(str(folder / "shard"))
            except Exception as error:
                raise VectorStoreUnavailable(
                    f"the index in {folder} cannot be opened ({error}): stop the server, delete "
                    "that folder, start again and run manage.py check_index --repair"
                ) from error

    @property
    def owns_index(self) -> bool:
        """This process opened it."""
        return True

    def upsert(self, points: Sequence[Point]) -> None:
        """Write points; durable when this returns."""
        if not points:
            return
        self._check_dimensions(len(points[0].dense))
        with self._write_lock:
            shard = self._shard or self._create(len(points[0].dense))
            for start in range(0, len(points), UPSERT_BATCH):
                batch = [self._point(point) for point in points[start : start + UPSERT_BATCH]]
                shard.update(UpdateOperation.upsert_points(batch))
            self._points.forget(point.id for point in points)
            shard.flush()

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove every point of these documents."""
        wanted = list(documents)
        if wanted:
            condition = Filter(must=[FieldCondition(key="document", match=MatchAny(wanted))])
            self._update(UpdateOperation.delete_points_by_filter(condition))

    def delete_points(self, ids: Iterable[str]) -> None:
        """Remove points by id."""
        wanted: list[int | UUID | str] = [UUID(point_id) for point_id in ids]
        if wanted:
            self._update(UpdateOperation.delete_points(wanted))

    def set_audiences(self, documents: Iterable[str], audiences: Sequence[str]) -> None:
        """Change who may read these documents, in place."""
        wanted = list(documents)
        if wanted:
            condition = Filter(must=[FieldCondition(key="document", match=MatchAny(wanted))])
            payload = {"audiences": list(audiences)}
            self._update(UpdateOperation.set_payload_by_filter(condition, payload))

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        """Return the nearest points by cosine, best first."""
        self._check_dimensions(len(vector))
        return self._query(Query.Nearest(_floats(vector), using="dense"), _visible(scope), limit)

    def search_sparse(self, vector: SparseVector, scope: Scope, limit: int) -> list[Hit]:
        """Return the best points by BM25, best first."""
        if not vector.indices or self._sentences:
            return []
        query = Query.Nearest(_edge_sparse(vector), using="bm25")
        return self._query(query, _visible(scope), limit)

    def score_dense(self, vector: Sequence[float], ids: Sequence[str], scope: Scope) -> list[Hit]:
        """Return the cosine of these points, those outside the scope left out."""
        if not ids:
            return []
        chosen = HasIdCondition(self._points.uuids(ids))
        visible = _visible(scope, chosen)
        return self._query(Query.Nearest(_floats(vector), using="dense"), visible, len(ids))

    def score_titles(
        self, vector: Sequence[float], documents: Sequence[str], scope: Scope
    ) -> dict[str, float]:
        """Return the cosine of these documents' titles, by document."""
        if not documents or not self._holds_titles:
            return {}
        chosen = FieldCondition(key="document", match=MatchAny(list(documents)))
        # Two versions of a document are there for a moment while it is indexed again.
        limit = 2 * len(documents)
        query = Query.Nearest(_floats(vector), using="title")
        found = self._query(query, _visible(scope, chosen), limit)
        # The best comes first and is to stay.
        return {hit.document: hit.score for hit in reversed(found)}

    def point_ids(self, document: str) -> set[str]:
        """Return the ids of a document's points."""
        found: set[str] = set()
        offset = None
        while self._shard is not None:
            records, offset = self._shard.scroll(
                ScrollRequest(offset=offset, limit=SCROLL_PAGE, filter=_of_document(document))
            )
            found.update(str(record.id) for record in records)
            if offset is None:
                break
        return found

    def count(self) -> int:
        """Return how many points there are."""
        return self._shard.count(CountRequest(exact=True)) if self._shard else 0

    def page(self, after: str, limit: int) -> list[PointState]:
        """Return the next points in the order of their ids."""
        if self._shard is None:
            return []
        # The engine begins with the named point, which the caller has already.
        offset = UUID(after) if after else None
        request = ScrollRequest(offset=offset, limit=limit + bool(after), with_payload=True)
        records, _ = self._shard.scroll(request)
        states = [_state(str(record.id), record.payload or {}) for record in records]
        return [state for state in states if state.id != after][:limit]

    def close(self) -> None:
        """Flush and let go of the files."""
        if self._shard is not None:
            self._shard.flush()
            self._shard.close()
            self._shard = None

    def _create(self, dimensions: int) -> EdgeShard:
        path = self._folder / "shard"
        path.mkdir(parents=True, exist_ok=True)
        shard = EdgeShard.create(
            str(path),
            EdgeConfig(
                vectors=self._vectors(dimensions),
                sparse_vectors=None
                if self._sentences
                else {"bm25": EdgeSparseVectorParams(modifier=Modifier.Idf)},
                optimizers=EdgeOptimizersConfig(indexing_threshold=INDEXING_THRESHOLD_KB),
                max_search_threads=ONE_SEARCH_THREAD,
            ),
        )
        for key in ("audiences", "document", "collection"):
            shard.update(UpdateOperation.create_field_index(key, PayloadSchemaType.Keyword))
        shard.flush()
        description = self._folder / "description.json"
        described = {"dimensions": dimensions, "titles": not self._sentences}
        description.write_text(json.dumps(described), encoding="utf-8")
        self._holds_titles = not self._sentences
        self._dimensions, self._shard = dimensions, shard
        return shard

    def _vectors(self, dimensions: int) -> dict[str, EdgeVectorParams]:
        if self._sentences:
            half = VectorStorageDatatype.Float16
            dense = EdgeVectorParams(dimensions, Distance.Cosine, on_disk=True, datatype=half)
            return {"dense": dense}
        return {
            name: EdgeVectorParams(size=dimensions, distance=Distance.Cosine)
            for name in ("dense", "title")
        }

    def _update(self, operation: UpdateOperation) -> None:
        if self._shard is None:
            return
        with self._write_lock:
            self._shard.update(operation)
            self._shard.flush()

    def _query(self, query: Query, visible: Filter | None, limit: int) -> list[Hit]:
        if self._shard is None or visible is None or limit < 1:
            return []
        return self._points.hits(
            self._shard.query(QueryRequest(limit=limit, query=query, filter=visible))
        )

    def _stored(self, ids: Sequence[UUID]) -> list[Record]:
        if self._shard is None:
            return []
        return self._shard.retrieve(list(ids), with_payload=IN_HITS, with_vector=False)

    def _point(self, point: Point) -> EdgePoint:
        vectors: dict[str, Any] = {"dense": _floats(point.dense)}
        if point.sparse.indices:
            vectors["bm25"] = _edge_sparse(point.sparse)
        if point.title is not None and self._holds_titles:
            vectors["title"] = _floats(point.title)
        return EdgePoint(id=UUID(point.id), vector=vectors, payload=stored_payload(point))

    def _check_dimensions(self, found: int) -> None:
        if self._dimensions and found != self._dimensions:
            raise VectorDimensionMismatch(
                f"the index in {self._folder} holds vectors of {self._dimensions} numbers, the "
                f"embedding model makes {found}: run manage.py reindex, or set EMBEDDING_MODEL back"
            )


def _visible(scope: Scope, *more: HasIdCondition | FieldCondition) -> Filter | None:
    """Return the reader's filter, or None when nothing may be seen."""
    if scope.sees_nothing:
        return None
    # One audience as a value and not as a list of one: a third of the time of a search.
    audiences = sorted(scope.audiences)
    of = MatchAny(audiences) if len(audiences) > 1 else MatchValue(audiences[0])
    must: list[ConditionType] = [FieldCondition(key="audiences", match=of), *more]
    if scope.collection is not None:
        must.append(FieldCondition(key="collection", match=MatchValue(scope.collection)))
    if scope.within is not None:
        must.append(FieldCondition(key="collection", match=MatchAny(sorted(scope.within))))
    return Filter(must=must)


def _of_document(document: str) -> Filter:
    return Filter(must=[FieldCondition(key="document", match=MatchValue(document))])


def _state(point_id: str, payload: Mapping[str, Any]) -> PointState:
    return PointState(
        id=point_id,
        document=str(payload.get("document", "")),
        collection=str(payload.get("collection", "")),
        audiences=tuple(payload.get("audiences", ())),
    )


def _floats(vector: Sequence[float]) -> list[float]:
    return vector if isinstance(vector, list) else [float(x) for x in vector]


def _edge_sparse(vector: SparseVector) -> EdgeSparseVector:
    return EdgeSparseVector(indices=list(vector.indices), values=list(vector.values))

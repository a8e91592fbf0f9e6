"""How calls of the vector store travel as JSON between two processes of one installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers import errors
from providers.vector_store.base import (
    Hit,
    Point,
    PointState,
    Scope,
    SparseVector,
    VectorIndexes,
)

Json = Any


def encode(value: object) -> Json:
    """Turn an argument or result into JSON types."""
    match value:
        case Point():
            return {
                "id": value.id,
                "document": value.document,
                "collection": value.collection,
                "audiences": list(value.audiences),
                "dense": [float(x) for x in value.dense],
                "sparse": encode(value.sparse),
                "payload": dict(value.payload),
                "chunks": value.chunks,
                "title": encode(value.title),
            }
        case SparseVector():
            return {"indices": list(value.indices), "values": list(value.values)}
        case Scope():
            within = None if value.within is None else sorted(value.within)
            return {
                "audiences": sorted(value.audiences),
                "collection": value.collection,
                "within": within,
            }
        case Hit():
            return [value.id, value.document, value.score, value.chunks, value.chunk]
        case PointState():
            return [value.id, value.document, value.collection, list(value.audiences)]
        case str() | int() | None:
            return value
        case dict():
            return {name: encode(item) for name, item in value.items()}
        case set() | frozenset():
            return sorted(encode(item) for item in value)
        case _ if hasattr(value, "__iter__"):
            return [encode(item) for item in value]
        case _:
            return float(value)  # type: ignore[arg-type]


def serve(
    indexes: VectorIndexes,
    generation: int,
    method: str,
    arguments: Mapping[str, Json],
    *,
    sentences: bool = False,
) -> Json:
    """Carry out one call that came over the wire. Raises KeyError for an unknown method."""
    if method == "drop":
        indexes.drop(generation)
        return None
    store = indexes.sentences(generation) if sentences else indexes.index(generation)
    return encode(_METHODS[method](store, arguments))


def hits(rows: Json) -> list[Hit]:
    """Read hits."""
    return [Hit(row[0], row[1], float(row[2]), int(row[3]), row[4]) for row in rows]


def states(rows: Json) -> list[PointState]:
    """Read what the index knows of points."""
    return [PointState(row[0], row[1], row[2], tuple(row[3])) for row in rows]


def raise_error(name: str, detail: str) -> None:
    """Raise the provider error that the other side named."""
    found = getattr(errors, name, errors.VectorStoreUnavailable)
    raise found(detail, provider="loopback")


def _sparse(value: Json) -> SparseVector:
    return SparseVector(tuple(value["indices"]), tuple(value["values"]))


def _scope(value: Json) -> Scope:
    within = value.get("within")
    limit = None if within is None else frozenset(within)
    return Scope(frozenset(value["audiences"]), value["collection"], limit)


def _point(value: Json) -> Point:
    return Point(
        id=value["id"],
        document=value["document"],
        collection=value["collection"],
        audiences=tuple(value["audiences"]),
        dense=value["dense"],
        sparse=_sparse(value["sparse"]),
        payload=value["payload"],
        chunks=value["chunks"],
        title=value["title"],
    )


_METHODS: dict[str, Any] = {
    "upsert": lambda store, a: store.upsert([_point(row) for row in a["points"]]),
    "delete_documents": lambda store, a: store.delete_documents(a["documents"]),
    "delete_points": lambda store, a: store.delete_points(a["ids"]),
    "set_audiences": lambda store, a: store.set_audiences(a["documents"], a["audiences"]),
    "search_dense": lambda store, a: store.search_dense(
        a["vector"], _scope(a["scope"]), a["limit"]
    ),
    "search_sparse": lambda store, a: store.search_sparse(
        _sparse(a["vector"]), _scope(a["scope"]), a["limit"]
    ),
    "score_dense": lambda store, a: store.score_dense(a["vector"], a["ids"], _scope(a["scope"])),
    "score_titles": lambda store, a: store.score_titles(
        a["vector"], a["documents"], _scope(a["scope"])
    ),
    "point_ids": lambda store, a: store.point_ids(a["document"]),
    "count": lambda store, a: store.count(),
    "page": lambda store, a: store.page(a["after"], a["limit"]),
}

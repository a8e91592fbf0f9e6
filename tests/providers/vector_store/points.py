"""Points to put into an index, and who looks for them."""

import uuid

from providers.vector_store.base import Point, Scope, SparseVector

PUBLIC = Scope(frozenset({"public"}))
STAFF = Scope(frozenset({"internal"}))


def point(
    document: str,
    audiences: tuple[str, ...],
    dense: list[float],
    term: int = 7,
    *,
    title: list[float] | None = None,
    chunks: int = 0,
) -> Point:
    return Point(
        id=str(uuid.uuid4()),
        document=document,
        collection="default",
        audiences=audiences,
        dense=dense,
        sparse=SparseVector((term,), (1.5,)),
        chunks=chunks,
        title=title,
    )


def group(document: str, audiences: tuple[str, ...], dense: list[float], chunk: str) -> Point:
    return Point(
        id=str(uuid.uuid4()),
        document=document,
        collection="default",
        audiences=audiences,
        dense=dense,
        sparse=SparseVector((), ()),
        payload={"chunk": chunk},
    )

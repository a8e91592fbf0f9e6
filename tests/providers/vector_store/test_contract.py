"""One contract for every vector index."""

import json
import os
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from providers.errors import ProviderError, VectorDimensionMismatch
from providers.vector_store import wire
from providers.vector_store.base import (
    PointState,
    Scope,
    SparseVector,
    VectorIndexes,
    VectorStore,
)
from providers.vector_store.embedded import EmbeddedIndexes
from providers.vector_store.loopback import LoopbackIndexes
from providers.vector_store.qdrant_server import QdrantIndexes
from tests.providers.vector_store.points import PUBLIC, STAFF, group, point


class OwnersEndpoint:
    """Answers loopback calls from a store, as the running server does."""

    def __init__(self, indexes: VectorIndexes, folder: Path) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["Authorization"] == "Bearer secret"
                answer: dict[str, object]
                try:
                    answer = {
                        "result": wire.serve(
                            indexes,
                            body["generation"],
                            body["method"],
                            body["arguments"],
                            sentences=body["sentences"],
                        )
                    }
                except ProviderError as error:
                    answer = {"error": type(error).__name__, "detail": error.detail}
                data = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.server_file = folder / "server.json"
        url = f"http://127.0.0.1:{self.server.server_port}"
        description = {"url": url, "token": "secret", "pid": os.getpid()}
        self.server_file.write_text(json.dumps(description))


QDRANT_URL = os.environ.get("QDRANT_URL", "")
STORES = ["embedded", "memory", "loopback"]
if QDRANT_URL.startswith("http"):
    STORES.append("server")


@pytest.fixture(params=STORES)
def indexes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndexes]:
    if request.param == "memory":
        yield QdrantIndexes(":memory:")
        return
    if request.param == "server":
        yield QdrantIndexes(QDRANT_URL, prefix=f"test-{uuid.uuid4()}")
        return
    embedded = EmbeddedIndexes(tmp_path / "index")
    if request.param == "embedded":
        yield embedded
    else:
        endpoint = OwnersEndpoint(embedded, tmp_path)
        yield LoopbackIndexes(endpoint.server_file)
        endpoint.server.shutdown()
    embedded.close()


@pytest.fixture
def store(indexes: VectorIndexes) -> VectorStore:
    return indexes.index(1)


def test_an_empty_index_finds_nothing(store: VectorStore) -> None:
    assert store.search_dense([1, 0], PUBLIC, 5) == []
    assert store.count() == 0
    assert store.point_ids("a") == set()


def test_the_nearest_point_comes_first(store: VectorStore) -> None:
    near, far = point("a", ("public",), [1, 0]), point("b", ("public",), [0.2, 1])
    store.upsert([far, near])
    hits = store.search_dense([1, 0.1], PUBLIC, 5)
    assert [hit.document for hit in hits] == ["a", "b"]
    assert hits[0].score == pytest.approx(0.995, abs=0.01)


def test_terms_are_found_by_the_sparse_vector(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0], 11), point("b", ("public",), [1, 0], 12)])
    hits = store.search_sparse(SparseVector((12,), (1.0,)), PUBLIC, 5)
    assert [hit.document for hit in hits] == ["b"]
    assert hits[0].score > 0


def test_other_audiences_points_are_never_found(store: VectorStore) -> None:
    secret = point("s", ("internal",), [1, 0])
    store.upsert([secret])
    assert store.search_dense([1, 0], PUBLIC, 5) == []
    assert store.search_sparse(SparseVector((7,), (1.0,)), PUBLIC, 5) == []
    assert store.score_dense([1, 0], [secret.id], PUBLIC) == []
    assert len(store.search_dense([1, 0], STAFF, 5)) == 1


def test_no_audience_finds_nothing(store: VectorStore) -> None:
    one = point("a", ("public",), [1, 0])
    store.upsert([one])
    nobody = Scope(frozenset())
    assert store.search_dense([1, 0], nobody, 5) == []
    assert store.search_sparse(SparseVector((7,), (1.0,)), nobody, 5) == []
    assert store.score_dense([1, 0], [one.id], nobody) == []


def test_a_collection_narrows_the_search(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0])])
    assert store.search_dense([1, 0], Scope(frozenset({"public"}), "other"), 5) == []
    assert len(store.search_dense([1, 0], Scope(frozenset({"public"}), "default"), 5)) == 1


def test_a_limit_of_collections_holds_in_every_search(store: VectorStore) -> None:
    points = [
        replace(point(name, ("public",), [1, 0]), collection=name) for name in ("a", "b", "c")
    ]
    store.upsert(points)
    ids = [one.id for one in points]

    def found(within: frozenset[str] | None, collection: str | None = None) -> set[str]:
        scope = replace(PUBLIC, within=within, collection=collection)
        ways = [
            {hit.id for hit in store.search_dense([1, 0], scope, 10)},
            {hit.id for hit in store.search_sparse(points[0].sparse, scope, 10)},
            {hit.id for hit in store.score_dense([1, 0], ids, scope)},
        ]
        assert ways[0] == ways[1] == ways[2]
        return ways[0]

    assert found(None) == set(ids)
    assert found(frozenset({"a", "c"})) == {ids[0], ids[2]}
    assert found(frozenset({"b"})) == {ids[1]}
    assert found(frozenset()) == set()
    assert found(frozenset({"a"}), "b") == set()
    assert found(frozenset({"a", "b"}), "b") == {ids[1]}


def test_the_same_id_twice_is_one_point(store: VectorStore) -> None:
    one = point("a", ("public",), [1, 0])
    store.upsert([one])
    store.upsert([one])
    assert store.count() == 1
    assert store.point_ids("a") == {one.id}


def test_audiences_change_in_place(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0])])
    store.set_audiences(["a"], ["internal"])
    assert store.search_dense([1, 0], PUBLIC, 5) == []
    assert len(store.search_dense([1, 0], STAFF, 5)) == 1


def test_audiences_of_many_documents_change_in_one_call_and_of_no_other(store: VectorStore) -> None:
    store.set_audiences(["a"], ["internal"])
    store.upsert([point(name, ("public",), [1, 0]) for name in ("a", "a", "b", "c")])
    store.set_audiences(["a", "b", "unknown"], ["internal"])
    store.set_audiences([], ["internal"])
    assert [hit.document for hit in store.search_dense([1, 0], PUBLIC, 5)] == ["c"]
    assert sorted(hit.document for hit in store.search_dense([1, 0], STAFF, 5)) == ["a", "a", "b"]


def test_points_are_deleted_by_document_and_by_id(store: VectorStore) -> None:
    one, two = point("a", ("public",), [1, 0]), point("b", ("public",), [0, 1])
    store.upsert([one, two])
    store.delete_documents(["a", "unknown"])
    assert store.count() == 1
    store.delete_points([two.id, str(uuid.uuid4())])
    assert store.count() == 0


def test_points_can_be_scored_by_id(store: VectorStore) -> None:
    one, two = point("a", ("public",), [1, 0]), point("b", ("public",), [0, 1])
    store.upsert([one, two])
    hits = store.score_dense([1, 0], [two.id], PUBLIC)
    assert [(hit.id, round(hit.score, 3)) for hit in hits] == [(two.id, 0.0)]


def test_a_hit_says_how_many_chunks_its_document_has(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0], chunks=3), point("b", ("public",), [0, 1])])
    hits = store.search_dense([1, 0.1], PUBLIC, 5)
    assert [(hit.document, hit.chunks) for hit in hits] == [("a", 3), ("b", 0)]
    assert store.search_sparse(SparseVector((7,), (1.0,)), PUBLIC, 5)[0].chunks in (0, 3)


def test_a_point_written_again_is_found_as_it_was_written_last(store: VectorStore) -> None:
    one = point("a", ("public",), [1, 0], chunks=3)
    store.upsert([one])
    assert store.search_dense([1, 0], PUBLIC, 5)[0].chunks == 3
    store.upsert([replace(one, chunks=4, document="b")])
    assert [
        (hit.id, hit.document, hit.chunks) for hit in store.search_dense([1, 0], PUBLIC, 5)
    ] == [(one.id, "b", 4)]
    store.delete_points([one.id])
    assert store.search_dense([1, 0], PUBLIC, 5) == []


def test_titles_are_scored_by_document_within_the_scope(store: VectorStore) -> None:
    store.upsert(
        [
            point("a", ("public",), [1, 0], title=[0, 1]),
            point("a", ("public",), [1, 0]),
            point("b", ("public",), [1, 0], title=[1, 0]),
            point("c", ("public",), [0, 1]),
            point("s", ("internal",), [1, 0], title=[0, 1]),
        ]
    )
    found = store.score_titles([0, 1], ["a", "b", "c", "s", "unknown"], PUBLIC)
    assert found == {"a": pytest.approx(1), "b": pytest.approx(0)}
    assert store.score_titles([0, 1], ["a"], PUBLIC) == {"a": pytest.approx(1)}
    assert store.score_titles([0, 1], [], PUBLIC) == {}
    assert store.score_titles([0, 1], ["a"], Scope(frozenset())) == {}


def test_an_empty_index_has_no_titles(store: VectorStore) -> None:
    assert store.score_titles([0, 1], ["a"], PUBLIC) == {}


def test_two_versions_of_a_title_count_once_by_the_better_one(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0], title=[n, 1]) for n in (0, 3)])
    assert store.score_titles([0, 1], ["a"], PUBLIC) == {"a": pytest.approx(1)}


def test_a_vector_of_another_length_is_refused_with_the_remedy(store: VectorStore) -> None:
    store.upsert([point("a", ("public",), [1, 0])])
    with pytest.raises(VectorDimensionMismatch, match="EMBEDDING_MODEL"):
        store.search_dense([1, 0, 0], PUBLIC, 5)


def test_generations_do_not_see_each_other(indexes: VectorIndexes) -> None:
    first, second = indexes.index(1), indexes.index(2)
    first.upsert([point("a", ("public",), [1, 0])])
    second.upsert([point("b", ("public",), [1, 0, 0])])
    assert [hit.document for hit in first.search_dense([1, 0], PUBLIC, 5)] == ["a"]
    assert [hit.document for hit in second.search_dense([1, 0, 0], PUBLIC, 5)] == ["b"]
    indexes.drop(2)
    assert (indexes.index(1).count(), indexes.index(2).count()) == (1, 0)


def test_sentences_are_an_index_of_their_own_with_the_same_filter(indexes: VectorIndexes) -> None:
    indexes.index(1).upsert([point("a", ("public",), [1, 0])])
    sentences = indexes.sentences(1)
    assert sentences.search_dense([1, 0, 0], PUBLIC, 5) == []
    sentences.upsert(
        [
            group("a", ("public",), [1, 0.1, 0], "chunk-1"),
            group("b", ("internal",), [1, 0, 0], "chunk-2"),
        ]
    )
    (hit,) = sentences.search_dense([1, 0, 0], PUBLIC, 5)
    assert (hit.document, hit.chunk) == ("a", "chunk-1")
    assert hit.score == pytest.approx(0.995, abs=0.001)
    assert sentences.search_sparse(SparseVector((7,), (1.0,)), PUBLIC, 5) == []
    assert sentences.search_dense([1, 0, 0], Scope(frozenset({"public"}), "other"), 5) == []
    sentences.set_audiences("a", ["internal"])
    assert sentences.search_dense([1, 0, 0], PUBLIC, 5) == []
    assert (indexes.index(1).count(), sentences.count()) == (1, 2)
    sentences.delete_documents(["a"])
    assert sentences.point_ids("a") == set()


def test_dropping_a_generation_drops_its_sentences(indexes: VectorIndexes) -> None:
    for number in (1, 2):
        indexes.sentences(number).upsert([group("a", ("public",), [1, 0, 0], "c")])
    indexes.drop(2)
    assert (indexes.sentences(1).count(), indexes.sentences(2).count()) == (1, 0)


def test_every_point_is_listed_once_with_what_the_index_knows(store: VectorStore) -> None:
    points = [point("a", ("public", "internal"), [1, 0]) for _ in range(7)]
    store.upsert(points)
    listed: list[PointState] = []
    while page := store.page(listed[-1].id if listed else "", 3):
        listed += page
    assert sorted(state.id for state in listed) == sorted(one.id for one in points)
    assert {state.audiences for state in listed} == {("public", "internal")}

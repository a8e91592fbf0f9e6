"""An index on the disk: there again after closing, of one owner, and as older versions made it."""

from pathlib import Path

import pytest
from qdrant_client.models import Distance as ServerDistance
from qdrant_client.models import Modifier as ServerModifier
from qdrant_client.models import SparseVectorParams, VectorParams
from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    EdgeVectorParams,
    Modifier,
)

from providers.errors import VectorStoreBusy
from providers.vector_store.embedded import EmbeddedIndexes
from providers.vector_store.qdrant_server import QdrantIndexes
from tests.providers.vector_store.points import PUBLIC, group, point


def test_the_index_is_there_after_closing(tmp_path: Path) -> None:
    first = EmbeddedIndexes(tmp_path / "index")
    first.index(1).upsert([point("a", ("public",), [1, 0])])
    first.close()
    second = EmbeddedIndexes(tmp_path / "index")
    assert second.index(1).count() == 1
    second.close()


def test_sentences_are_there_after_closing(tmp_path: Path) -> None:
    first = EmbeddedIndexes(tmp_path / "index")
    first.sentences(1).upsert([group("a", ("public",), [1, 0, 0], "c")])
    first.close()
    second = EmbeddedIndexes(tmp_path / "index")
    assert [hit.chunk for hit in second.sentences(1).search_dense([1, 0, 0], PUBLIC, 5)] == ["c"]
    second.close()


def test_a_second_owner_without_a_server_is_told_so(tmp_path: Path) -> None:
    owner = EmbeddedIndexes(tmp_path / "index")
    assert owner.owns_index
    with pytest.raises(VectorStoreBusy, match="another process"):
        EmbeddedIndexes(tmp_path / "index").index(1).count()
    owner.close()


def test_an_index_made_without_titles_goes_on_without_them(tmp_path: Path) -> None:
    shard = EdgeShard.create(
        _folder(tmp_path / "index" / "1" / "shard"),
        EdgeConfig(
            vectors={"dense": EdgeVectorParams(size=2, distance=Distance.Cosine)},
            sparse_vectors={"bm25": EdgeSparseVectorParams(modifier=Modifier.Idf)},
        ),
    )
    shard.close()
    (tmp_path / "index" / "1" / "description.json").write_text('{"dimensions": 2}')
    indexes = EmbeddedIndexes(tmp_path / "index")
    store = indexes.index(1)
    store.upsert([point("a", ("public",), [1, 0], title=[0, 1], chunks=1)])
    assert store.score_titles([0, 1], ["a"], PUBLIC) == {}
    assert [hit.chunks for hit in store.search_dense([1, 0], PUBLIC, 5)] == [1]
    indexes.close()


def test_a_collection_made_without_titles_goes_on_without_them() -> None:
    indexes = QdrantIndexes(":memory:")
    with indexes.calling() as client:
        client.create_collection(
            "supportbot-1",
            vectors_config={"dense": VectorParams(size=2, distance=ServerDistance.COSINE)},
            sparse_vectors_config={"bm25": SparseVectorParams(modifier=ServerModifier.IDF)},
        )
    store = indexes.index(1)
    store.upsert([point("a", ("public",), [1, 0], title=[0, 1])])
    assert store.score_titles([0, 1], ["a"], PUBLIC) == {}
    assert len(store.search_dense([1, 0], PUBLIC, 5)) == 1


def _folder(path: Path) -> str:
    path.mkdir(parents=True)
    return str(path)

"""LangChain's and Haystack's search over the same chunks; run by another environment's Python.

Arguments: "langchain" or "haystack"; "dense" or "hybrid"; the folder of the data. `dense` searches
by meaning alone, `hybrid` by meaning and words, joined by reciprocal rank; both only what the
reader may see. The environment needs langchain-core, langchain-community, langchain-classic,
faiss-cpu and rank_bm25, or haystack-ai and faiss-haystack. The packages are imported by name, so
that each process loads one of the two.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

# The other environment has not installed this project.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks._answering_lines import answer_lines, memory_mb

LIMIT = 10
# The stores that filter after searching must fetch more than are wanted: enough that ten are left
# when one in ten is for other readers.
FETCH = 50
RRF_K = 60
TRIED = 5
ALLOWED = {"field": "meta.audience", "operator": "==", "value": "public"}
MODULES = {
    "langchain": (
        "langchain_community.vectorstores.faiss",
        "langchain_community.retrievers.bm25",
        "langchain_classic.retrievers",
    ),
    "haystack": (
        "haystack.document_stores.in_memory",
        "haystack_integrations.document_stores.faiss",
        "haystack.components.joiners",
    ),
}
Search = Callable[[int], list[str]]
Rows = Sequence[dict[str, Any]]


def main() -> None:
    """Fill the stores and answer."""
    folder = Path(sys.argv[3])
    for module in MODULES[sys.argv[1]]:
        importlib.import_module(module)
    before_mb = memory_mb()
    lines = (folder / "chunks.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    vectors = np.load(folder / "vectors.npy")
    queries = json.loads((folder / "queries.json").read_text())
    known = dict(zip(queries["said"], np.load(folder / "query_vectors.npy"), strict=True))
    questions = queries["questions"]
    asked = [[float(x) for x in known[question]] for question in questions]
    make = {"langchain": langchain, "haystack": haystack}[sys.argv[1]]
    search = make(sys.argv[2], rows, vectors, questions, asked)
    del rows, vectors, lines, known
    answer_lines(search, before_mb)


def langchain(
    kind: str, rows: Rows, vectors: Any, questions: Sequence[str], asked: Sequence[Any]
) -> Search:
    """Return a search in FAISS (exact), its fastest local store, alone or beside BM25."""
    stores = importlib.import_module("langchain_community.vectorstores")
    vector_of = dict(zip(questions, asked, strict=True))
    pairs = [(row["text"], vector) for row, vector in zip(rows, vectors.tolist(), strict=True)]
    meta = [{"id": row["id"], "audience": row["audience"]} for row in rows]
    store = stores.FAISS.from_embeddings(pairs, vector_of.__getitem__, metadatas=meta)
    wanted = {"k": LIMIT, "filter": {"audience": "public"}, "fetch_k": FETCH}

    def dense(number: int) -> list[str]:
        found = store.similarity_search_with_score_by_vector(asked[number], **wanted)
        return [document.metadata["id"] for document, _ in found]

    if kind == "dense":
        return dense
    both = importlib.import_module("langchain_classic.retrievers").EnsembleRetriever(
        retrievers=[store.as_retriever(search_kwargs=wanted), _langchain_bm25(rows)],
        c=RRF_K,
        id_key="id",
        weights=[0.5, 0.5],
    )
    return lambda number: [d.metadata["id"] for d in both.invoke(questions[number])][:LIMIT]


def _langchain_bm25(rows: Rows) -> Any:
    """Return its retriever by words: it knows no filter, so it is given what the reader may see."""
    retrievers = importlib.import_module("langchain_community.retrievers")
    public = [row for row in rows if row["audience"] == "public"]
    return retrievers.BM25Retriever.from_texts(
        [row["text"] for row in public], metadatas=[{"id": row["id"]} for row in public], k=LIMIT
    )


def haystack(
    kind: str, rows: Rows, vectors: Any, questions: Sequence[str], asked: Sequence[Any]
) -> Search:
    """Return a search in the faster of two local stores, alone or beside BM25 in memory."""
    held = _haystack_documents(rows, vectors)
    stores = importlib.import_module("haystack.document_stores.in_memory")
    faiss = importlib.import_module("haystack_integrations.document_stores.faiss")
    memory = stores.InMemoryDocumentStore(embedding_similarity_function="dot_product")
    flat = faiss.FAISSDocumentStore(embedding_dim=vectors.shape[1])
    memory.write_documents(held)
    flat.write_documents(held)

    def in_memory(number: int) -> list[Any]:
        return list(memory.embedding_retrieval(asked[number], filters=ALLOWED, top_k=LIMIT))

    def in_faiss(number: int) -> list[Any]:
        return list(flat.search(asked[number], top_k=LIMIT, filters=ALLOWED))

    by_meaning = min((in_memory, in_faiss), key=_seconds)
    if kind == "dense":
        (flat if by_meaning is in_memory else memory).delete_all_documents()
        return lambda number: [document.id for document in by_meaning(number)]
    joiner = importlib.import_module("haystack.components.joiners").DocumentJoiner(
        join_mode="reciprocal_rank_fusion", top_k=LIMIT
    )

    def hybrid(number: int) -> list[str]:
        words = memory.bm25_retrieval(questions[number], filters=ALLOWED, top_k=LIMIT)
        joined = joiner.run(documents=[by_meaning(number), words])
        return [document.id for document in joined["documents"]]

    return hybrid


def _haystack_documents(rows: Rows, vectors: Any) -> list[Any]:
    documents = importlib.import_module("haystack").Document
    return [
        documents(
            id=row["id"],
            content=row["text"],
            embedding=vector,
            meta={"audience": row["audience"]},
        )
        for row, vector in zip(rows, vectors.tolist(), strict=True)
    ]


def _seconds(search: Callable[[int], Any]) -> float:
    began = time.process_time()
    for number in range(TRIED):
        search(number)
    return time.process_time() - began


if __name__ == "__main__":
    main()

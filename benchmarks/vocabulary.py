"""A made-up company's pages: which questions find the right one with and without a vocabulary.

`benchmarks/vocabulary.json` holds pages in the company's words, questions in the customers' words,
questions that need no vocabulary, and questions that use a customers' word in another sense. The
last must not suffer.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options
from knowledge.retrieval.analysis import sparse_document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.values import Passage, Reader
from knowledge.retrieval.vocabulary import Entry, Vocabulary
from providers.embeddings.packaged import PackagedEmbedder
from providers.vector_store.base import Point
from providers.vector_store.edge_shard import EdgeIndex
from tests.fresh_data_folder import MODELS

SET = ROOT / "benchmarks" / "vocabulary.json"
GROUPS = ("questions", "controls", "other_senses")
READER = Reader(frozenset({"public"}))
Page = Mapping[str, str]


def run(options: Options) -> dict[str, Any]:
    """Ask every question twice."""
    data = json.loads(SET.read_text(encoding="utf-8"))
    entries = [Entry(entry["term"], tuple(entry["synonyms"])) for entry in data["entries"]]
    with tempfile.TemporaryDirectory(prefix="supportbot-vocabulary-") as folder:
        index = EdgeIndex(Path(folder))
        try:
            plain = _searcher(index, data["pages"])
            figures = {
                group: {
                    "without": _figures(plain, data[group]),
                    "with": _figures(
                        replace(plain, expand=Vocabulary(entries).expand), data[group]
                    ),
                }
                for group in GROUPS
            }
        finally:
            index.close()
    return {"pages": len(data["pages"]), "entries": len(entries), **figures}


def _searcher(index: EdgeIndex, pages: Sequence[Page]) -> Searcher:
    embedder = PackagedEmbedder(MODELS)
    texts = [f"{page['title']}\n{page['text']}" for page in pages]
    passages = {str(uuid.uuid5(uuid.NAMESPACE_URL, page["id"])): page for page in pages}
    index.upsert(
        [
            Point(
                id=point,
                document=page["id"],
                collection="default",
                audiences=("public",),
                dense=[float(x) for x in vector],
                sparse=sparse_document(text),
            )
            for (point, page), vector, text in zip(
                passages.items(), embedder.embed_documents(texts), texts, strict=True
            )
        ]
    )

    def authorise(candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
        return {one.chunk: _passage(one, passages[one.chunk]) for one in candidates}

    return Searcher(embedder, index, authorise)


def _passage(scored: Scored, page: Page) -> Passage:
    return Passage(
        chunk=scored.chunk,
        document=page["id"],
        version="",
        title=page["title"],
        headings=(),
        text=page["text"],
        url="",
        page=None,
        score=scored.score,
        dense_score=scored.dense,
        sparse_score=scored.sparse,
    )


def _figures(searcher: Searcher, questions: Sequence[Page]) -> dict[str, float]:
    ranks = []
    for question in questions:
        found = searcher.retrieve(question["query"], READER, 10).passages
        documents = [passage.document for passage in found]
        wanted = question["page"]
        ranks.append(documents.index(wanted) + 1 if wanted in documents else 0)
    return {
        "questions": len(ranks),
        "first": sum(rank == 1 for rank in ranks),
        "mrr_at_10": round(sum(1 / rank for rank in ranks if rank) / len(ranks), 3),
    }

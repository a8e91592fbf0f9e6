"""Makes up an index of any size out of real text, the same for us and for others.

What is real: the texts of the evaluation data's pages, cut as the product cuts them, and the
vectors of the first SEEDS of those chunks. Further chunks repeat real ones with one word in eight
changed for another word of the pages, and all further vectors lie near one of the real ones (cosine
about .9). That is fit for measuring time and memory, not for measuring what is found.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.ingestion.chunking import Chunker, embedding_text
from knowledge.ingestion.parsing.markdown import parse_markdown
from knowledge.ingestion.sanitising import clean
from knowledge.retrieval.sentences import parts_of
from providers.embeddings.base import Embedder

SEEDS = 1000
CHUNKS_A_DOCUMENT = 8
# One document in ten is for other readers.
INTERNAL_EVERY = 10
CHANGED_WORDS = 8
# Of the noise's length; the cosine to the real vector is 1 / sqrt(1 + NOISE^2), about .9.
NOISE = 0.5
SEED = 20250101
NAMESPACE = uuid.UUID("0f8a4a0e-8c39-4a34-b7a1-5f6f6f0f7a02")
Vectors = NDArray[np.float32]


def write_index_data(
    folder: Path, corpus: Path, questions: Sequence[str], chunks: int, embedder: Embedder
) -> None:
    """Write chunks.jsonl, vectors.npy, titles.npy, queries.json and query_vectors.npy."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = _real_chunks(corpus, embedder, max(SEEDS, min(chunks, 10_000)))
    seeds = embedder.embed_documents(texts[:SEEDS])
    generator = np.random.default_rng(SEED)
    np.save(folder / "vectors.npy", _near(seeds, chunks, generator))
    documents = -(-chunks // CHUNKS_A_DOCUMENT)
    np.save(folder / "titles.npy", _near(seeds, documents, generator))
    with (folder / "chunks.jsonl").open("w", encoding="utf-8") as file:
        for row in _rows(texts, chunks):
            file.write(json.dumps(row) + "\n")
    said = list(dict.fromkeys(s for text in questions for s in (text, *parts_of(text))))
    vectors = np.stack([embedder.embed_query(text) for text in said])
    (folder / "queries.json").write_text(json.dumps({"questions": questions, "said": said}))
    np.save(folder / "query_vectors.npy", vectors)


def read_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield {id, document, title, text, audience, ordinal} for each chunk, documents together."""
    with (folder / "chunks.jsonl").open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _real_chunks(corpus: Path, embedder: Embedder, most: int) -> list[str]:
    chunker = Chunker(embedder.count_tokens, embedder.max_tokens)
    texts: list[str] = []
    for line in corpus.read_text(encoding="utf-8").split("\n"):
        if not line.strip() or len(texts) >= most:
            continue
        row = json.loads(line)
        title = row.get("title", "")
        text = clean(parse_markdown(row["text"].encode(), title).markdown)
        texts += [embedding_text(title, c.headings, c.text) for c in chunker.chunks(title, text)]
    return texts


def _near(seeds: Vectors, count: int, generator: np.random.Generator) -> Vectors:
    """Return the seeds, then as many as are needed near them, all of length 1."""
    made = np.resize(np.arange(len(seeds)), count)
    vectors = seeds[made]
    noise = generator.standard_normal(vectors.shape, dtype=np.float32)
    noise *= NOISE / np.linalg.norm(noise, axis=1, keepdims=True)
    noise[: len(seeds)] = 0
    vectors = vectors + noise
    unit: Vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _rows(texts: Sequence[str], chunks: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(SEED)  # noqa: S311 - not for secrets
    words = [word for text in texts[:SEEDS] for word in text.split()]
    for number in range(chunks):
        text = texts[number % len(texts)]
        if number >= len(texts):
            text = _changed(text, words, chance)
        document, ordinal = divmod(number, CHUNKS_A_DOCUMENT)
        yield {
            "id": str(uuid.uuid5(NAMESPACE, f"chunk {number}")),
            "document": str(uuid.uuid5(NAMESPACE, f"document {document}")),
            "title": texts[document * CHUNKS_A_DOCUMENT % len(texts)].split("\n")[0][:100],
            "text": text,
            "audience": "public" if (document + 1) % INTERNAL_EVERY else "internal",
            "ordinal": ordinal,
        }


def _changed(text: str, words: Sequence[str], chance: random.Random) -> str:
    said = text.split(" ")
    for _ in range(len(said) // CHANGED_WORDS):
        said[chance.randrange(len(said))] = chance.choice(words)
    return " ".join(said)

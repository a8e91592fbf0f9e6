"""Texts are embedded in small batches of like length, each told, and come back in their order."""

from collections.abc import Sequence

import numpy as np

from knowledge.ingestion.pipeline import with_vectors
from knowledge.ingestion.values import ChunkDraft, PreparedDocument, Step
from providers.embeddings.base import Vectors

# A model in the child keeps a core for a batch: 32 texts were 1.6 s on a busy machine.
MOST_AT_ONCE = 16


class Lengths:
    """Embeds a text as its length."""

    name = "lengths"
    dimensions = 1
    max_tokens = 256

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.asked: list[str] = []

    def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.batches.append([len(text) for text in texts])
        return np.array([[len(text)] for text in texts], dtype=np.float32)

    def embed_query(self, text: str) -> Vectors:
        self.asked.append(text)
        return np.array([-len(text)], dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def warm_up(self) -> None: ...


def document(lengths: Sequence[int]) -> PreparedDocument:
    chunks = tuple(
        ChunkDraft(ordinal, (), None, "x" * length, length)
        for ordinal, length in enumerate(lengths)
    )
    return PreparedDocument("", "", "en", "", "text/plain", chunks)


def test_batches_are_small_and_each_is_told_before_it_begins() -> None:
    model, steps = Lengths(), list[Step]()
    with_vectors(document(range(1, 41)), model, steps.append)
    assert max(map(len, model.batches)) <= MOST_AT_ONCE
    assert [step.done for step in steps] == [0, 16, 32, 40]
    assert {(step.stage, step.total) for step in steps} == {("embedding", 40)}


def test_texts_of_like_length_share_a_batch_and_vectors_keep_their_places() -> None:
    model = Lengths()
    lengths = [(7 * number) % 41 + 1 for number in range(40)]
    prepared = with_vectors(document(lengths), model, lambda step: None)
    embedded = [length for batch in model.batches for length in batch]
    assert embedded == sorted(embedded)
    by_place = [int(row[0]) for row in prepared.dense]
    assert [row - by_place[0] for row in by_place] == [n - lengths[0] for n in lengths]


def test_the_questions_that_prove_a_document_are_embedded_with_it() -> None:
    model = Lengths()
    chunk = ChunkDraft(0, ("Refunds",), None, "Money comes back in ten days.", 7)
    read = PreparedDocument("Returns", "", "en", "", "text/plain", (chunk,))
    prepared = with_vectors(read, model, lambda step: None)
    assert model.asked == ["Returns Refunds"]
    assert prepared.probe_vectors == {"Returns Refunds": np.array([-15.0])}

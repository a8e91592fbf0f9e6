"""Sentences' vectors are made once, by few at a time, and nobody waits for them for long."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from providers.embeddings.base import Vectors
from providers.embeddings.kept_vectors import KeptVectors
from providers.errors import EmbedderUnavailable


class Model:
    """Gives each text a vector of its length; waits where it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        self.begun.set()
        assert self.may_end.wait(5)
        return np.array([[len(text), 1.0] for text in texts], dtype=np.float32)


def test_vectors_come_in_order_and_each_text_is_embedded_once() -> None:
    model = Model()
    vectors = KeptVectors(model.embed)
    assert vectors.of(["a", "bbb", "a"]).tolist() == [[1, 1], [3, 1], [1, 1]]
    assert vectors.of(["cc", "bbb"]).tolist() == [[2, 1], [3, 1]]
    assert model.asked == ["a", "bbb", "cc"]


def test_no_more_are_kept_than_there_is_room_for() -> None:
    model = Model()
    vectors = KeptVectors(model.embed, kept=2)
    assert vectors.of(["a", "bb", "ccc"]).shape == (3, 2)
    vectors.of(["ccc"])
    vectors.of(["a"])
    assert model.asked == ["a", "bb", "ccc", "a"]


def test_who_comes_second_takes_what_the_first_made() -> None:
    model = Model()
    model.may_end.clear()
    vectors = KeptVectors(model.embed, at_once=1, patience_seconds=5)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(vectors.of, ["a", "bb"])
        assert model.begun.wait(5)
        second = threads.submit(vectors.of, ["bb", "ccc"])
        model.may_end.set()
        assert first.result(5).tolist() == [[1, 1], [2, 1]]
        assert second.result(5).tolist() == [[2, 1], [3, 1]]
    assert model.asked == ["a", "bb", "ccc"]


def test_nobody_waits_long_for_a_busy_model_and_what_is_kept_needs_none() -> None:
    model = Model()
    vectors = KeptVectors(model.embed, at_once=1, patience_seconds=0.05)
    vectors.of(["kept"])
    model.begun.clear()
    model.may_end.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(vectors.of, ["slow"])
        assert model.begun.wait(5)
        with pytest.raises(EmbedderUnavailable, match="busy"):
            vectors.of(["kept", "new"])
        assert vectors.of(["kept"]).shape == (1, 2)
        model.may_end.set()
        assert first.result(5).shape == (1, 2)
    assert vectors.of(["new"]).shape == (1, 2)


def test_a_failure_is_not_kept_and_gives_the_turn_back() -> None:
    model = Model()
    broken = True

    def embed(texts: Sequence[str]) -> Vectors:
        if broken:
            raise EmbedderUnavailable("out of memory")
        return model.embed(texts)

    vectors = KeptVectors(embed, at_once=1, patience_seconds=0.05)
    with pytest.raises(EmbedderUnavailable, match="memory"):
        vectors.of(["a"])
    broken = False
    assert vectors.of(["a"]).tolist() == [[1, 1]]

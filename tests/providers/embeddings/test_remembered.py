"""A question's vector is made once, also for threads that ask at the same moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from providers.embeddings.base import Vectors
from providers.embeddings.remembered import remembered
from providers.errors import EmbedderUnavailable


def test_threads_that_want_the_same_text_share_one_vector() -> None:
    made: list[str] = []
    begun, may_end = threading.Event(), threading.Event()

    def embed(text: str) -> Vectors:
        made.append(text)
        begun.set()
        assert may_end.wait(5)
        return np.ones(3, dtype=np.float32)

    embed_query = remembered(embed)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(embed_query, "How?")
        assert begun.wait(5)
        second = threads.submit(embed_query, "How?")
        may_end.set()
        assert first.result(5) is second.result(5)
    assert made == ["How?"]


def test_a_failure_is_not_remembered() -> None:
    results: list[Vectors | None] = [None, np.ones(3, dtype=np.float32)]

    def embed(text: str) -> Vectors:
        result = results.pop(0)
        if result is None:
            raise EmbedderUnavailable("out of memory")
        return result

    embed_query = remembered(embed)
    with pytest.raises(EmbedderUnavailable):
        embed_query("How?")
    assert embed_query("How?").shape == (3,)

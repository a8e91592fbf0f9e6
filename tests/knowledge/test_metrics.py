"""Rank metrics against values worked out by hand."""

from math import log2

import pytest

from knowledge import metrics


def test_ndcg_of_one_document_at_rank_two() -> None:
    assert metrics.ndcg(["x", "a"], {"a"}) == pytest.approx(1 / log2(3))


def test_ndcg_is_one_when_all_relevant_ones_come_first() -> None:
    assert metrics.ndcg(["a", "b", "x"], {"a", "b"}) == pytest.approx(1.0)


def test_ndcg_counts_what_is_missing() -> None:
    expected = 1 / (1 + 1 / log2(3))
    assert metrics.ndcg(["a", "x"], {"a", "b"}) == pytest.approx(expected)


def test_recall_and_reciprocal_rank() -> None:
    assert metrics.recall(["x", "a", "b"], {"a", "b"}, 2) == 0.5
    assert metrics.reciprocal_rank(["x", "y", "a"], {"a"}) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank(["x"], {"a"}) == 0


def test_the_interval_is_the_same_each_time_and_holds_the_mean() -> None:
    values = [0.0, 1.0, 0.5, 1.0, 0.0, 1.0]
    low, high = metrics.interval(values)
    assert (low, high) == metrics.interval(values)
    assert low < metrics.mean(values) < high

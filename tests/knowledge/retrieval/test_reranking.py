from __future__ import annotations

from collections.abc import Sequence

from knowledge.retrieval.reranking import RERANKED, reranked
from tests.conversations.answering.cast import passage


def test_the_judge_orders_the_first_and_leaves_the_rest() -> None:
    passages = [passage(f"d{number}", f"text {number}") for number in range(RERANKED + 3)]
    read: list[str] = []

    def judge(query: str, texts: Sequence[str]) -> list[float]:
        read.extend(texts)
        return [float(number) for number in range(len(texts))]

    found = reranked("question", passages, judge)
    assert found[:RERANKED] == passages[:RERANKED][::-1]
    assert found[RERANKED:] == passages[RERANKED:]
    assert len(read) == RERANKED
    assert read[0] == "D0\nAccounts\ntext 0"


def test_equals_stay_as_the_search_had_them() -> None:
    passages = [passage(f"d{number}", "same") for number in range(4)]
    assert reranked("question", passages, lambda query, texts: [0.0] * len(texts)) == passages

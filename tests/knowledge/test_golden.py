"""Golden questions are asked in slices, so that customers' questions come in between."""

import time

import pytest

from knowledge import golden
from knowledge.actions.defaults import ensure_generation
from knowledge.golden import SLICE_SECONDS, compare, measure
from knowledge.models import GoldenQuestion
from tests.knowledge.library import ingest_shop

pytestmark = pytest.mark.usefixtures("own_index")
ASKED_SECONDS = SLICE_SECONDS * 0.6


@pytest.fixture
def slow_search(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A search that computes for more than half a slice; returns what was asked."""
    asked: list[str] = []

    def ranked(generation: object, query: str, document: object) -> int:
        asked.append(query)
        time.sleep(ASKED_SECONDS)
        return 1

    monkeypatch.setattr(golden, "_ranked", ranked)
    return asked


def test_after_each_slice_the_process_rests_as_long_as_it_computed(
    slow_search: list[str],
) -> None:
    ingest_shop()
    rests: list[tuple[int, float]] = []
    compare(ensure_generation(), lambda seconds: rests.append((len(slow_search), seconds)))
    # Three headings of two generations: two make a slice, and the third ends none.
    assert [number for number, _ in rests] == [2, 5]
    assert all(seconds >= SLICE_SECONDS for _, seconds in rests)


def test_the_figures_do_not_depend_on_the_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest_shop()
    whole = compare(ensure_generation(), lambda seconds: None)
    monkeypatch.setattr(golden, "SLICE_SECONDS", 0.0)
    rests: list[float] = []
    sliced = compare(ensure_generation(), rests.append)
    assert len(rests) == 6
    assert {**sliced, "compared_at": ""} == {**whole, "compared_at": ""}


def test_the_index_in_use_is_measured_and_the_worst_question_is_first() -> None:
    shop = ingest_shop()
    GoldenQuestion.objects.create(
        question="how do I change my password", document=shop["passwords.md"]
    )
    GoldenQuestion.objects.create(
        question="send goods back within 30 days", document=shop["invoices.md"]
    )
    measured = measure(lambda seconds: None)
    assert measured["questions"] == 2
    assert [row["document"] for row in measured["rows"]] == [
        shop["invoices.md"],
        shop["passwords.md"],
    ]
    assert measured["rows"][1]["rank"] == 1
    assert measured["figures"]["first"] == 0.5
    low, high = measured["intervals"]["first"]
    assert low <= 0.5 <= high


def test_without_golden_questions_nothing_is_measured() -> None:
    ingest_shop()
    assert measure(lambda seconds: None) == {"questions": 0, "rows": []}

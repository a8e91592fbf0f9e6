"""A second index beside the first: built, compared, swapped, taken back."""

import pytest
from django.utils import timezone

from knowledge import building, golden
from knowledge.actions import generations
from knowledge.actions.defaults import ensure_generation
from knowledge.actions.documents import queue, withdraw
from knowledge.actions.generations import (
    GenerationRefused,
    begin_generation,
    drop_generation,
    previous_generation,
    put_into_use,
)
from knowledge.actions.indexing import TakenOver
from knowledge.building import build_for
from knowledge.models import (
    Activation,
    Chunk,
    GenerationState,
    GoldenQuestion,
    IndexGeneration,
)
from knowledge.wiring import vector_store
from knowledge.working import work_on
from tests.knowledge.library import RETURNS, ingest, ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")
MODEL = "all-MiniLM-L6-v2"


def begin(activation: Activation = Activation.BY_HAND, tokens: int = 128) -> IndexGeneration:
    return begin_generation(MODEL, tokens, activation)


def built(generation: IndexGeneration) -> IndexGeneration:
    made = build_for(generation.pk, 60)
    assert made is not None
    return made


def state(generation: IndexGeneration) -> str:
    generation.refresh_from_db()
    return generation.state


def test_a_generation_is_built_beside_the_one_that_answers_and_swapped_in() -> None:
    ingest_shop()
    first = ensure_generation()
    second = built(begin())
    assert (second.state, second.progress_done, second.progress_total) == ("ready", 3, 3)
    assert vector_store(second).count() == vector_store(first).count() == 3
    assert ensure_generation() == first
    assert put_into_use(second)
    assert (state(first), state(second)) == ("retired", "current")
    assert titles("how do I send goods back")[0] == "Returns"


def test_a_swap_is_taken_back_by_one_action() -> None:
    ingest_shop()
    first = ensure_generation()
    put_into_use(built(begin()))
    assert previous_generation() == first
    assert put_into_use(first)
    assert ensure_generation() == first
    assert titles("when are invoices sent")[0] == "Invoices"


def test_a_rollback_first_adds_what_came_meanwhile() -> None:
    ingest_shop()
    first = ensure_generation()
    put_into_use(built(begin()))
    ingest("shipping.md", b"# Shipping\n\nParcels arrive after two working days.")
    assert not put_into_use(first)
    assert state(first) == "building"
    build_for(first.pk, 60)
    assert state(first) == "current"
    assert titles("when do parcels arrive")[0] == "Shipping"


def test_a_document_withdrawn_and_brought_back_is_in_an_old_generation_too() -> None:
    document = ingest_shop()["returns.md"]
    first = ensure_generation()
    put_into_use(built(begin()))
    withdraw(document)
    queue(document)
    work_on(document.pk)
    put_into_use(first)
    build_for(first.pk, 60)
    assert ensure_generation() == first
    assert titles("send goods back")[0] == "Returns"


def test_one_that_finds_less_waits_for_a_decision() -> None:
    documents = ingest_shop()
    GoldenQuestion.objects.create(
        question="how long may I send goods back", document=documents["returns.md"]
    )
    second = begin(Activation.UNLESS_WORSE)
    # As if the new model knew nothing of the page.
    original = golden.compare

    def worse(generation: IndexGeneration) -> dict[str, object]:
        figures = original(generation)
        assert figures["source"] == "golden questions"
        return {**figures, "after": {**figures["after"], "mrr_at_10": 0.0}}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "compare", worse)
        assert built(second).state == "ready"
    assert ensure_generation().number == 1


def test_one_that_finds_as_much_comes_into_use_by_itself() -> None:
    ingest_shop()
    second = built(begin(Activation.UNLESS_WORSE))
    assert second.state == "current"
    assert second.comparison["source"] == "headings"
    assert second.comparison["before"] == second.comparison["after"]


def test_an_incomplete_generation_cannot_answer() -> None:
    ingest_shop()
    second = begin()
    with pytest.raises(GenerationRefused, match="not complete"):
        generations.activate(second)
    built(second)
    ingest("shipping.md", b"# Shipping\n\nParcels arrive after two working days.")
    with pytest.raises(GenerationRefused, match="lacks 1"):
        generations.activate(second)


def test_a_worker_that_was_taken_for_dead_writes_no_more() -> None:
    ingest_shop()
    second = begin()
    stale = IndexGeneration.objects.claim(second.pk, timezone.now(), 0)
    assert stale is not None
    assert IndexGeneration.objects.claim(second.pk, timezone.now(), 60) is not None
    with pytest.raises(TakenOver):
        generations.mark_progress(stale)
    generations.mark_generation_failed(stale, "late")
    assert state(second) == "building"


def test_two_are_not_built_at_once_and_the_one_in_use_is_not_dropped() -> None:
    ingest_shop()
    second = begin()
    with pytest.raises(GenerationRefused, match="being built"):
        begin()
    with pytest.raises(GenerationRefused, match="answers now"):
        drop_generation(ensure_generation())
    built(second)
    drop_generation(second)
    assert not IndexGeneration.objects.filter(state=GenerationState.READY).exists()
    assert Chunk.objects.count() == 3


def test_a_document_that_is_made_ready_during_a_swap_is_made_for_the_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = ingest_shop()["returns.md"]
    second = built(begin())
    queue(document)
    from_before = ensure_generation()
    monkeypatch.setattr("knowledge.working.ensure_generation", lambda: from_before)
    put_into_use(second)
    work_on(document.pk)
    document.refresh_from_db()
    assert document.status == "queued"
    monkeypatch.undo()
    work_on(document.pk)
    document.refresh_from_db()
    assert document.status == "indexed"
    assert titles(RETURNS.decode())[0] == "Returns"

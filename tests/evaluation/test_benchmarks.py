"""The quick forms of the benchmarks of search: they run, and what they find holds."""

from __future__ import annotations

import random

import pytest

from benchmarks import (
    Options,
    backend_overlap,
    cached_reply,
    day_of_questions,
    evaluation_cost,
    foreign_passages,
    pipeline_overhead,
    search_latency,
    typos_and_codes,
)
from benchmarks._day_recipe import Asked, Sources, day
from benchmarks.typos_and_codes import edited_word, made_up_codes, misspelt, with_hidden

QUICK = Options(quick=True)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_cost_of_an_evaluation_is_measured_and_two_runs_are_identical() -> None:
    figures = evaluation_cost.run(QUICK)
    assert figures["identical"]
    assert figures["chunks"] == 6
    assert figures["second_cpu_seconds"] < figures["first_cpu_seconds"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_fast_backend_ranks_as_the_model_does_in_full_precision() -> None:
    figures = backend_overlap.run(QUICK)
    assert figures["ok"]
    assert figures["sets"]["samples"]["smallest_cosine"] > 0.999


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_hidden_codes_are_found_first_and_misspelt_questions_are_measured() -> None:
    figures = typos_and_codes.run(QUICK)
    assert figures["codes"]["not_first"] == []
    assert figures["typos"]["questions"] == 5
    assert figures["typos"]["ndcg_at_10_misspelt"] > 0.5


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_search_is_measured_in_a_process_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEARCH_PEERS_PYTHON", raising=False)
    figures = search_latency.run(QUICK)
    ours = figures["chunks"]["400"]["ours"]
    assert 0 < ours["cpu_ms_p50"] <= ours["cpu_ms_p95"]
    assert ours["memory_mb"] > ours["memory_for_chunks_mb"] > 0


def test_every_content_word_gets_one_edit_and_the_others_stay() -> None:
    chance = random.Random(1)
    for _ in range(50):
        said = misspelt("How do I return the broken kettle, E-4711?", chance).split()
        assert [said[n] for n in (0, 1, 2, 4, 7)] == ["How", "do", "I", "the", "E-4711?"]
        changed = [said[n].strip(",").casefold() for n in (3, 5, 6)]
        assert all(a != b for a, b in zip(changed, ("return", "broken", "kettle"), strict=True))


def test_the_public_finds_nothing_internal() -> None:
    figures = foreign_passages.run(QUICK)
    assert figures["ok"]
    assert figures["pairs"]["found"] == figures["pairs"]["own"] > 0
    assert figures["articles"]["internal"] > 0
    assert figures["articles"]["prompts"] > 0


def test_an_edit_changes_at_most_one_letter_or_exchanges_two() -> None:
    chance = random.Random(2)
    for _ in range(300):
        made = edited_word("kettle", chance)
        assert made != "kettle"
        assert abs(len(made) - 6) <= 1
        same = sum(a == b for a, b in zip(made, "kettle", strict=False))
        backwards = sum(a == b for a, b in zip(made[::-1], "elttek", strict=False))
        assert same + backwards >= 4


def test_codes_are_all_different_and_their_neighbours_one_digit_away() -> None:
    pairs = made_up_codes(50, random.Random(3))
    said = [code for pair in pairs for code in pair]
    assert len(set(said)) == 100
    for code, near in pairs:
        assert sum(a != b for a, b in zip(code, near, strict=True)) == 1


def test_a_code_is_hidden_without_changing_the_rest() -> None:
    text = "one\ntwo\nthree"
    hidden = with_hidden(text, "E-4711", random.Random(4))
    assert "E-4711" in hidden
    left = [line for line in hidden.split("\n") if line and "E-4711" not in line]
    assert left == text.split("\n")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_cached_reply_is_served_and_its_cost_measured() -> None:
    figures = cached_reply.run(QUICK)
    assert figures["served"] == figures["kept"] >= 1
    assert figures["cached_cpu_ms"] > 0


THREADS = [
    {"query": f"How do I {verb} my {thing}{end}", "relevant": [thing]}
    for thing in ("account", "parcel", "invoice", "card", "phone", "name")
    for verb, end in (("change", "?"), ("alter", "?"), ("edit", " now?"))
]
TALK = [
    {"id": "a<::>2", "query": "?", "last_turn": "And then?", "history": ["Hello, it fails"]},
    {"id": "a<::>1", "query": "?", "last_turn": "Hello, it fails", "history": []},
]


def test_a_day_is_the_same_each_time_and_repeats_come_after_what_they_repeat() -> None:
    asked = day(Sources(conversations=TALK, threads=THREADS), size=10)
    assert asked == day(Sources(conversations=TALK, threads=THREADS), size=10)
    kinds = [one.kind for one in asked]
    assert [kinds.count(kind) for kind in ("distinct", "repeat", "paraphrase")] == [6, 2, 2]
    for number, one in enumerate(asked):
        before = asked[:number]
        if one.kind == "repeat":
            assert one.text in {earlier.text for earlier in before}
        if one.kind == "paraphrase":
            assert one.topic in {earlier.topic for earlier in before}
            assert one.text not in {other.text for other in asked if other.kind == "distinct"}


def test_a_conversations_turns_are_asked_in_it_and_only_openers_are_repeated() -> None:
    asked = day(Sources(conversations=TALK, threads=THREADS), size=10)
    turns = [one for one in asked if one.chat == "a"]
    assert [(one.text, one.opens) for one in turns] == [
        ("Hello, it fails", True),
        ("And then?", False),
    ]
    assert not [one for one in asked if one.kind == "repeat" and one.text == "And then?"]
    assert isinstance(asked[0], Asked)


def test_too_little_data_for_a_day_is_said() -> None:
    with pytest.raises(ValueError, match="too few"):
        day(Sources(conversations=TALK, threads=THREADS), size=100)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_ledger_of_a_day_equals_what_the_model_counted() -> None:
    figures = day_of_questions.run(QUICK)
    assert figures["ledger_equals_stub"]
    assert figures["ledger"]["calls"] > 0
    assert figures["reuse"]["repeat exact"] > 0
    assert figures["reuse"]["wrong"] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_an_answer_costs_beside_its_model_is_measured_by_stage() -> None:
    figures = pipeline_overhead.run(QUICK)
    assert figures["answers"] > 0
    assert figures["without_model_ms"]["median"] > 0
    assert {"retrieval", "answer_cache", "generation", "output_guard"} <= figures[
        "stages_ms"
    ].keys()

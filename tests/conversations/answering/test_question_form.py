"""Asked to do, how things stand, yes or no, where and with what: other questions, shared words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conversations.answering.answer_cache import shareable
from conversations.answering.cache_decision import Refusal, decide, evidence_of
from conversations.answering.cached import Layer
from conversations.answering.question_form import form_of
from evaluation.cache import _page_with
from evaluation.cases import read_pairs
from knowledge.retrieval.values import Passage
from tests.fresh_data_folder import ROOT

# Written for this project; the cosines are those of the default embedding model.
SAMPLE = ROOT / "tests" / "samples" / "evaluation" / "near_misses.jsonl"


def layer(a: str, b: str, cosine: float, page: Passage) -> Layer | None:
    """Judge with the evidence most in favour: both find this page, and nothing beside it."""
    if not (shareable(a, ()) and shareable(b, ())):
        return None
    found = evidence_of([page])
    return decide(a, b, cosine, found, found, page).layer


@pytest.mark.parametrize(
    ("a", "b", "refusal"),
    [
        ("Add rice to my list", "I'd like to know what is on my list", "another_kind"),
        ("please put Ann in the team", "Is Ann in the team?", "another_kind"),
        ("Tell the host we are late", "Does the host know we are late?", "another_kind"),
        ("How do I get a parking card?", "What is a parking card good for?", "another_kind"),
        ("Do I have to print the receipt?", "Printing a receipt, please", "another_kind"),
        ("Which rooms have a balcony?", "Is there a balcony in your rooms?", "another_kind"),
        ("How long has the shop been closed?", "How long does closing take?", "another_kind"),
        ("Do you repair boots?", "How do you repair boots?", "another_kind"),
        ("May I leave if it rains?", "Would leaving be fine because I am ill?", "condition"),
        ("Can a van stop in the yard?", "Stopping a van on our street", "word_replaced"),
        ("How do I pay with coins?", "I want to pay for it by phone", "word_replaced"),
        ("How do I clean the kettle?", "Best way to clean a big pan, please", "word_replaced"),
        ("How do I rent and insure a car?", "Renting a car, please", "asks_more"),
        ("A clip with subtitles", "Removing the subtitles of a clip for guests", "opposite"),
        ("Is Dutch taught in English?", "Teaching English with Dutch", "direction"),
    ],
)
def test_the_form_tells_questions_apart(a: str, b: str, refusal: str) -> None:
    page = _page_with(f"{a} {b}")
    found = decide(a, b, 0.95, evidence_of([page]), evidence_of([page]), page)
    assert found.refusal == Refusal(refusal)
    assert layer(b, a, 0.95, page) is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        # Who names one thing each, of which the page has only one word, asks for another thing.
        ("Does the pass cover the zoo?", "Is the museum something your pass will cover?"),
        ("How often is the pool cleaned?", "And a sauna, how often do you clean that one?"),
        ("My soup was cold", "The soup came in a dirty bowl, it was"),
        ("Which rooms face the sea?", "Which of your rooms are quiet when facing the sea?"),
        ("Pin my route", "Is it possible to see a delayed route?"),
    ],
)
def test_yes_a_figure_and_a_report_are_of_what_is_named(a: str, b: str) -> None:
    page = replace(_page_with(a), title="Your visit")
    found = decide(a, b, 0.9, evidence_of([page]), evidence_of([page]), page)
    assert found.refusal in (Refusal.POINTS_ELSEWHERE, Refusal.WORD_REPLACED)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Is there a way to export contacts?", "How can I export my contacts?"),
        ("What is the best way to close an account?", "How do I close my account?"),
        ("What are my options to export chats?", "I'd like to export the chats"),
    ],
)
def test_who_looks_for_a_way_asks_how(a: str, b: str) -> None:
    assert layer(a, b, 0.9, _page_with("Settings")) is Layer.SEMANTIC


def test_a_form_is_read() -> None:
    asked = form_of("Please move my desk to you if it is free")
    assert (asked.act, asked.orders, asked.stands) == (True, True, False)
    assert asked.slots["to"] == frozenset(["you"])
    assert asked.condition
    assert form_of("my screen is black").reports
    assert not form_of("Exporting chats").orders
    assert form_of("is my alarm armed").stands


def test_near_misses_are_not_served_and_paraphrases_are() -> None:
    rows = [json.loads(line) for line in SAMPLE.read_text().splitlines()]
    assert len(read_pairs(SAMPLE)) == len(rows) == 661
    served = [
        (row["label"], row["a"], row["b"])
        for row in rows
        if layer(row["a"], row["b"], row["cosine"], _page_with(f"{row['a']} {row['b']}"))
        or layer(row["b"], row["a"], row["cosine"], _page_with(f"{row['a']} {row['b']}"))
    ]
    assert [pair for pair in served if not pair[0]] == []
    assert len(served) >= 35

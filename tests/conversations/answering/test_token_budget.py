"""A prompt keeps within its tokens: what is cut, where, and what is said about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.cutting import MARK, cut
from conversations.answering.output_guard import review
from conversations.answering.pipeline import answer
from conversations.answering.prompting import Earlier, Room, make, worth_sending
from conversations.answering.token_budget import (
    HISTORY_SHARE,
    LEAST_TOKENS,
    TURN_TOKENS,
    fit_history,
    fit_passages,
)
from conversations.answering.toolbox import SilentProgress, Thresholds
from conversations.answering.values import Turn
from conversations.prompts import load
from providers.llm import token_counter
from providers.llm.base import ChatMessage
from providers.llm.token_counter import TokenCounter, borrowed_counter, vocabulary_counter
from tests.conversations.answering.cast import ScriptedModel, ask, passage, toolbox

WORDS = TokenCounter("words", lambda text: len(text.split()))
SENTENCES = "One two three. Four five six! Seven eight (nine)? Ten eleven twelve."


@pytest.mark.parametrize(
    ("text", "tokens", "kept"),
    [
        (SENTENCES, 12, SENTENCES),
        (SENTENCES, 11, f"One two three. Four five six! Seven eight (nine)? {MARK}"),
        (SENTENCES, 7, f"One two three. Four five six! {MARK}"),
        (SENTENCES, 4, f"One two three. {MARK}"),
        (SENTENCES, 3, f"One two {MARK}"),
        (SENTENCES, 1, ""),
        ("a b c\nd e f\ng h i", 7, f"a b c\nd e f {MARK}"),
        ('He said "go." Then he left us.', 4, f'He said "go." {MARK}'),
    ],
)
def test_a_text_is_cut_at_the_last_end_of_a_sentence_that_fits(
    text: str, tokens: int, kept: str
) -> None:
    assert cut(text, tokens, WORDS.count) == kept


@pytest.mark.parametrize("text", ["ご注文は十四日以内です。" * 40, "x" * 900, "日本" * 400])
def test_texts_without_blanks_are_cut_too(text: str) -> None:
    counter = vocabulary_counter()
    assert counter is not None
    short = cut(text, 50, counter.count)
    assert short.endswith(MARK)
    assert 20 < counter.count(short) <= 50


def turns(number: int, words: int) -> list[ChatMessage]:
    return [ChatMessage("user", f"{n} " + "w " * (words - 1)) for n in range(number)]


def test_old_turns_are_dropped_first_and_long_ones_shortened() -> None:
    room = int(60 / HISTORY_SHARE)
    kept, said = fit_history(turns(5, 25), room, WORDS)
    assert [turn.content.split()[0] for turn in kept] == ["3", "4"]
    assert (said.dropped, said.shortened) == (3, 0)
    assert said.tokens <= 60
    kept, said = fit_history(turns(1, 500), 100_000, WORDS)
    assert len(kept[0].content.split()) <= TURN_TOKENS
    assert (said.dropped, said.shortened) == (0, 1)


def test_without_room_there_are_no_earlier_turns() -> None:
    assert fit_history(turns(3, 25), 0, WORDS)[0] == []
    assert fit_history(turns(3, 25), -50, WORDS)[0] == []


def test_the_first_passage_is_always_there_and_the_last_ones_go_first() -> None:
    texts = ["a " * 100, "b " * 100, "c " * 100]
    assert fit_passages(texts, 1000, WORDS).dropped == 0
    two = fit_passages(texts, 160, WORDS)
    assert (len(two.texts), two.dropped, two.shortened) == (2, 1, 1)
    assert two.tokens <= 160
    one = fit_passages(texts, -10, WORDS)
    assert (len(one.texts), one.shortened) == (1, 1)
    assert 0 < one.tokens <= LEAST_TOKENS


LONG = passage("long", "This is one sentence about plans. " * 200, score=0.9)
MORE = tuple(passage(f"p{n}", "Another sentence about prices. " * 60) for n in range(5))


@pytest.mark.parametrize("limit", [1000, 1500, 3000, 6000])
def test_a_prompt_keeps_its_limit_and_its_parts_add_up(limit: int) -> None:
    counter = vocabulary_counter()
    assert counter is not None
    history = [Turn("customer", "I asked about the plans before. " * 40) for _ in range(9)]
    room = Room(6, limit, counter)
    prompt = make(load("answer_v1"), "How much is it?", history, (LONG, *MORE), room)
    said = prompt.budget
    sent = sum(counter.count(message.content) + 4 for message in prompt.messages)
    parts = said["instructions"] + said["question"] + said["history"] + said["passages"]
    assert sent <= limit
    assert abs(sent - parts) < 40, "joining texts changes a few tokens only"
    assert said["turns_dropped"] >= 3
    assert said["passages_dropped"] == 6 - len(prompt.passages)
    assert prompt.messages[-1].content.rstrip().endswith("How much is it?")
    whole = "This is one sentence about plans."
    assert f"{whole} {MARK}" in prompt.messages[-1].content


def test_a_marker_of_a_passage_that_was_dropped_is_no_citation() -> None:
    model = ScriptedModel("This is one sentence about plans [1]. Another sentence about plans [6].")
    tools = toolbox(LONG, *MORE, model=model)
    reply = answer(
        ask("How much is it?"),
        replace(tools, thresholds=Thresholds(max_input_tokens=1000)),
        SilentProgress(),
    )
    assert reply.budget["passages_dropped"] > 0
    assert [cited.marker for cited in reply.citations] == [1]
    assert len(reply.used) == 6 - reply.budget["passages_dropped"]


def test_a_reply_without_a_model_has_no_budget() -> None:
    assert answer(ask("How much is it?"), toolbox(LONG), SilentProgress()).budget == {}


def test_tokens_are_counted_offline_by_a_known_vocabulary() -> None:
    counter = vocabulary_counter()
    assert counter is not None
    # "hello world" is 15339, 1917 in cl100k_base.
    assert (counter.name, counter.count("hello world"), counter.count("")) == ("cl100k_base", 2, 0)
    assert counter.count("broken \ud800 half") > 0


def test_where_the_vocabulary_is_missing_another_tokenizer_is_borrowed_with_a_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    borrowed = borrowed_counter(lambda text: len(text.split()), "all-MiniLM-L6-v2")
    assert borrowed.count("a b c") == 4
    assert borrowed.name == "all-MiniLM-L6-v2 x 1.25"
    monkeypatch.setattr(token_counter, "vocabulary_counter", lambda: None)
    assert token_counter.usual_counter().count("abcd") == 2


SUMMARY = Earlier(load("earlier_v1"), "They wait for 77 parcels. They were told to wait.")
TALK = tuple(Turn("customer" if n % 2 == 0 else "assistant", f"Turn number {n}.") for n in range(9))
PAGE = passage("waiting", "Parcels are late. We are sorry.")


def test_a_summary_stands_before_the_turns_where_turns_were_left_out() -> None:
    prompt = make(load("answer_v1"), "q", TALK, (PAGE,), Room(), None, SUMMARY)
    roles = [message.role for message in prompt.messages]
    assert roles[:3] == ["system", "user", "assistant"]
    quoted = prompt.messages[1].content
    assert SUMMARY.text in quoted.split(prompt.boundary)[1]
    assert SUMMARY.text not in prompt.system
    counted = Room().counter.count(quoted)
    assert counted < prompt.budget["summary"] < counted + 10
    assert prompt.budget["turns_dropped"] == 3


def test_no_summary_is_sent_where_every_turn_is_there() -> None:
    prompt = make(load("answer_v1"), "q", TALK[:4], (PAGE,), Room(), None, SUMMARY)
    assert prompt.budget["summary"] == 0
    assert not any(SUMMARY.text in message.content for message in prompt.messages)


def test_a_long_summary_is_cut_and_a_small_prompt_has_none() -> None:
    long = replace(SUMMARY, text=SUMMARY.text * 60)
    prompt = make(load("answer_v1"), "q", TALK, (PAGE,), Room(), None, long)
    assert 0 < prompt.budget["summary"] < 330
    tight = make(load("answer_v1"), "q", TALK, (PAGE,), Room(tokens=700), None, long)
    assert tight.budget["summary"] == 0


def test_a_figure_of_the_summary_is_not_the_customers_own_word() -> None:
    prompt = make(load("answer_v1"), "q", TALK, (PAGE,), Room(), None, SUMMARY)
    text = "Parcels are late [1]. We are sorry for the 77 parcels [1]."
    judged = review(text, prompt, "q", frozenset())
    assert "number_unsupported" in {finding.code for finding in judged.findings}


@pytest.mark.parametrize(("local", "sent"), [(False, True), (True, False)])
def test_a_summary_that_must_stay_here_is_not_sent_out(local: bool, sent: bool) -> None:
    model = ScriptedModel("Parcels are late [1].")
    tools = replace(toolbox(PAGE, model=model), earlier_prompt=load("earlier_v1"))
    question = replace(
        ask("Where are the parcels?", *TALK), summary=Turn("assistant", SUMMARY.text, local)
    )
    answer(question, tools, SilentProgress())
    said = any(SUMMARY.text in message.content for message in model.prompts[0])
    assert said is sent
    answer(question, replace(tools, local_model=model), SilentProgress())
    assert any(SUMMARY.text in message.content for message in model.prompts[1])


def test_passages_far_behind_the_best_are_not_sent_beyond_the_first() -> None:
    scores = (0.9, 0.8, 0.4, 0.3, 0.64, 0.62, 0.2)
    found = tuple(passage(f"p{n}", "Some text.", score=s) for n, s in enumerate(scores))
    assert [p.score for p in worth_sending(found)] == [0.9, 0.8, 0.4, 0.3, 0.64]
    assert worth_sending(found[:4]) == found[:4]
    assert worth_sending(()) == ()
    model = ScriptedModel("You open Settings [1].")
    answer(ask("How do I delete my account?"), toolbox(*found, model=model), SilentProgress())
    asked = model.prompts[0][-1].content
    assert "[5] " in asked
    assert "[6] " not in asked

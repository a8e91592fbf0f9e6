from __future__ import annotations

from conversations.answering.prompting import Room, make
from conversations.prompts import load
from providers.llm.stub_behaviour import (
    behaviour_of,
    completion_text,
    of_the_first_call,
    tokens_of,
    too_long,
)
from tests.conversations.answering.cast import ALL


def test_a_name_chooses_the_behaviour_part_by_part() -> None:
    slow = behaviour_of("stub-ttft200-rate50-cut-after-20")
    assert (slow.first_token_seconds, slow.gap_seconds, slow.cut_after) == (0.2, 0.02, 20)
    assert behaviour_of("stub-429-retry3").retry_after == 3
    assert behaviour_of("stub-no-finish").finish is None
    assert behaviour_of("gpt-4o-mini") == behaviour_of("stub")
    assert of_the_first_call(behaviour_of("stub-flaky")).status == 500
    assert of_the_first_call(behaviour_of("stub-flaky-reset")) == behaviour_of("stub-reset")


def test_the_stub_quotes_the_passages_of_our_own_prompt_with_their_markers() -> None:
    prompt = make(load("answer_v1"), "How do I delete it?", (), ALL, Room())
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    text = completion_text(messages, behaviour_of("stub"))
    assert text.startswith("Deleting removes all your data. [1] You cannot undo it. [1]")
    assert "You sign in with your e-mail address. [2]" in text


def test_tokens_put_together_are_the_text() -> None:
    text = "One two\n\n1. three-hundred-words  [1]\n"
    assert "".join(tokens_of(text)) == text
    assert len(tokens_of(text)) > 5


def test_a_prompt_is_too_long_by_tokens_by_passages_or_by_its_history() -> None:
    prompt = make(load("answer_v1"), "How do I delete it?", (), ALL, Room())
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    with_history = [messages[0], {"role": "user", "content": "Hi"}, messages[-1]]
    assert too_long(messages, behaviour_of("stub-passages3"))
    assert not too_long(messages, behaviour_of("stub-passages4"))
    assert too_long(with_history, behaviour_of("stub-nohistory"))
    assert not too_long(messages, behaviour_of("stub-nohistory"))
    assert too_long(messages, behaviour_of("stub-window10"))
    assert not too_long(messages, behaviour_of("stub"))

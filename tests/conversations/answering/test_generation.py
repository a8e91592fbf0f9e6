"""What happens around the model's call: prompts that are too long, filtered texts, routing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conversations.answering.codes import Code, Reason
from conversations.answering.pipeline import answer
from conversations.answering.prompting import Room, make
from conversations.answering.shortening import shorter
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Disposition, Prompt, Turn
from conversations.prompts import load
from providers.errors import ContentFiltered, ContextTooLong, ProviderUnavailable
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink
from tests.conversations.answering.cast import (
    ALL,
    BILLING,
    DELETING,
    Listener,
    ScriptedModel,
    ask,
    toolbox,
)

QUESTION = "How do I delete my account?"
HISTORY = (Turn("customer", "Hello there"), Turn("assistant", "What can I do?"))
GOOD = "Open Settings and choose Delete account [1]."


class Narrow(ScriptedModel):
    """Takes prompts of at most so many characters."""

    def __init__(self, most: int) -> None:
        super().__init__(GOOD)
        self._most = most
        self.purposes: list[str] = []

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Callable[[CallRecord], None] | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        self.purposes.append(purpose)
        if sum(len(m.content) for m in messages) > self._most:
            self.prompts.append(messages)
            raise ContextTooLong("the prompt is too long for the model")
        return super().complete(messages, purpose=purpose, sink=sink, record=record)


def prompt(*history: Turn) -> Prompt:
    return make(load("answer_v1"), QUESTION, history, ALL, Room())


def size(made: Prompt) -> int:
    return sum(len(m.content) for m in made.messages)


def test_first_the_history_goes_then_half_of_the_passages() -> None:
    whole = prompt(*HISTORY)
    without_history, half = shorter(whole)
    assert [m.role for m in without_history.messages] == ["system", "user"]
    assert without_history.passages == whole.passages
    assert half.passages == whole.passages[:2]
    content = half.messages[-1].content
    assert "[2] " in content
    assert "\n[3] " not in content
    assert content.count(whole.boundary) == 2
    assert content.endswith(f"The customer asks:\n{QUESTION}")
    assert half.messages[0] == whole.messages[0]


def test_what_is_not_there_cannot_be_left_out() -> None:
    assert [p.passages for p in shorter(prompt())] == [ALL[:2]]
    single = make(load("answer_v1"), QUESTION, (), (DELETING,), Room())
    assert list(shorter(single)) == []


def test_a_prompt_that_is_too_long_is_answered_without_its_history() -> None:
    model = Narrow(size(prompt(*HISTORY)) - 1)
    reply = answer(ask(QUESTION, *HISTORY), toolbox(*ALL, model=model), Listener())
    assert (reply.disposition, reply.text) == (Disposition.ANSWER, GOOD)
    assert [len(messages) for messages in model.prompts] == [4, 2]


def test_or_with_half_of_its_passages_which_are_then_those_it_rests_on() -> None:
    model = Narrow(size(prompt()) - 1)
    reply = answer(ask(QUESTION, *HISTORY), toolbox(*ALL, model=model), Listener())
    assert reply.disposition is Disposition.ANSWER
    assert reply.used == ALL[:2]
    assert len(model.prompts) == 3


def test_one_that_never_fits_ends_as_an_extract_after_each_was_tried_once() -> None:
    model = Narrow(0)
    reply = answer(ask(QUESTION, *HISTORY), toolbox(*ALL, model=model), Listener())
    assert reply.disposition is Disposition.EXTRACT
    assert len(model.prompts) == 3
    assert reply.error.startswith("ContextTooLong")


def test_without_its_model_and_without_a_quotation_a_person_is_asked() -> None:
    model = ScriptedModel(error=ProviderUnavailable("the endpoint failed (500)"))
    reply = answer(
        ask("Do you send an invoice each month?"), toolbox(BILLING, model=model), Listener()
    )
    assert (reply.disposition, reply.code) == (Disposition.ESCALATE, Code.COULD_NOT_ANSWER)
    assert reply.escalation_reason == "failure"


def test_a_filtered_text_goes_to_a_person_and_is_flagged() -> None:
    listener = Listener()
    model = ScriptedModel("Half a", error=ContentFiltered("the endpoint filtered the reply"))
    reply = answer(ask(QUESTION), toolbox(*ALL, model=model), listener)
    assert (reply.disposition, reply.code) == (Disposition.ESCALATE, Code.HANDED_OVER)
    assert reply.escalation_reason == "guard"
    assert "content_filtered" in {f.code for f in reply.findings}
    assert Reason.CONTENT_FILTERED in reply.confidence.reasons
    assert listener.shown == ""


def test_calls_are_recorded_with_the_prompt_they_were_made_with() -> None:
    calls: list[CallRecord] = []
    answer(ask(QUESTION), toolbox(*ALL, model=ScriptedModel(GOOD), record=calls.append), Listener())
    assert [c.prompt_version for c in calls] == ["answer@1"]


def routed(tools: Toolbox, question: str = QUESTION) -> tuple[list[str], set[str]]:
    model = Narrow(100_000)
    reply = answer(ask(question), replace(tools, model=model), Listener())
    return model.purposes, {f.code for f in reply.findings if f.code.startswith("route_")}


def test_a_plain_question_is_a_simple_answer_where_a_model_is_named_for_it() -> None:
    tools = toolbox(*ALL)
    assert routed(tools) == (["answer"], set())
    assert routed(replace(tools, cheaper_model=True)) == (
        ["simple_answer"],
        {"route_plain_question"},
    )


def test_with_little_budget_left_every_answer_is_a_simple_one() -> None:
    tools = replace(toolbox(*ALL), cheaper_model=True, budget_used=lambda: 0.9)
    long = "Please tell me all about how " + "and how " * 10 + "I delete my account"
    assert routed(tools, long) == (["simple_answer"], {"route_budget_nearly_used"})

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from conversations.answering import query_rewriting
from conversations.answering.pipeline import answer
from conversations.answering.query_rewriting import unsure
from conversations.answering.rewriting_by_model import REWRITE_SECONDS, acceptable
from conversations.answering.toolbox import SilentProgress, Toolbox
from conversations.answering.values import Turn
from conversations.prompts import load
from knowledge.retrieval.values import Query, Reader, Retrieved
from providers.errors import ProviderTimeout
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink
from providers.llm.purposes import Purpose
from tests.conversations.answering import cast

HISTORY = (
    Turn("customer", "How do I delete my account?"),
    Turn("assistant", "You can delete it, or you can export your data first."),
)
SECOND = "And how does the second one work?"
REWRITTEN = "How do I export the data of my account?"


class TwoWriters:
    """Answers a rewriting call with one text and any other with another; notes the messages."""

    def __init__(self, rewriting: str, answering: str = "You can export your data [1].") -> None:
        self.rewriting = cast.ScriptedModel(rewriting)
        self.answering = cast.ScriptedModel(answering)

    def complete(
        self, messages: Sequence[ChatMessage], *, purpose: str, **options: object
    ) -> Completion:
        model = self.rewriting if purpose == Purpose.REWRITE else self.answering
        return model.complete(messages, purpose=purpose, **options)  # type: ignore[arg-type]


def tools(model: object, searched: list[str], calls: list[CallRecord] | None = None) -> Toolbox:
    def retrieve(query: str | Query, reader: Reader, limit: int) -> Retrieved:
        assert isinstance(query, Query)
        searched.append(" ".join([*query.earlier, query.text]))
        return Retrieved((cast.EXPORT,))

    made = cast.toolbox(record=(calls.append if calls is not None else None))
    return replace(
        made,
        retrieve=retrieve,
        model=model,  # type: ignore[arg-type]
        rewriting_prompt=load("rewrite_v1"),
    )


@pytest.mark.parametrize(
    ("text", "history", "expected"),
    [
        (SECOND, HISTORY, True),
        ("How much is that?", HISTORY, False),  # One earlier question: the rules know.
        ("And how long does it take?", (Turn("assistant", "We send a letter."),), True),
        ("And for both?", (*HISTORY, Turn("customer", "How do I change my address?")), True),
        ("How do I change the password of my administrator account?", HISTORY, False),
        (SECOND, (), False),
    ],
)
def test_rules_are_unsure_when_more_than_one_thing_or_nothing_may_be_meant(
    text: str, history: tuple[Turn, ...], expected: bool
) -> None:
    assert unsure(text, history) is expected


def test_the_models_question_is_searched_and_kept_with_the_answer() -> None:
    searched: list[str] = []
    calls: list[CallRecord] = []
    model = TwoWriters(f"  “{REWRITTEN}”\n")
    reply = answer(cast.ask(SECOND, *HISTORY), tools(model, searched, calls), SilentProgress())
    assert searched == [f"{HISTORY[0].text} {SECOND}", REWRITTEN]
    assert reply.query == REWRITTEN
    assert [call.purpose for call in calls] == [Purpose.REWRITE, "answer"]
    # Both calls were paid for; the answer's model and prompt are those that wrote it.
    assert reply.usage is not None
    assert (reply.usage.input_tokens, str(reply.cost_usd)) == (200, "0.002")
    assert reply.prompt_version == "answer@1"


@pytest.mark.parametrize(
    "text",
    ["", "NO_ANSWER", "Buy gold coins at the casino today", "export " * 80, "the of and"],
)
def test_a_line_that_is_no_question_about_what_was_said_is_not_searched(text: str) -> None:
    searched: list[str] = []
    answer(cast.ask(SECOND, *HISTORY), tools(TwoWriters(text), searched), SilentProgress())
    assert searched == [f"{HISTORY[0].text} {SECOND}"]


def test_a_failing_model_leaves_the_rules_query() -> None:
    searched: list[str] = []
    model = cast.ScriptedModel(error=ProviderTimeout("late"))
    reply = answer(cast.ask(SECOND, *HISTORY), tools(model, searched), SilentProgress())
    assert searched == [f"{HISTORY[0].text} {SECOND}"]
    assert reply.query == searched[0]


def test_no_call_is_made_over_budget_without_a_prompt_or_when_the_rules_are_sure() -> None:
    searched: list[str] = []
    model = TwoWriters(REWRITTEN)
    ready = tools(model, searched)
    for tools_then, text in (
        (replace(ready, within_budget=lambda: False), SECOND),
        (replace(ready, rewriting_prompt=None), SECOND),
        (ready, "How much is that?"),
    ):
        answer(cast.ask(text, *HISTORY), tools_then, SilentProgress())
    assert model.rewriting.prompts == []


def test_no_call_is_made_where_the_turns_found_a_page_that_fits_well() -> None:
    searched: list[str] = []
    model = TwoWriters(REWRITTEN)
    ready = tools(model, searched)
    good = replace(cast.EXPORT, score=query_rewriting.FOUND_WELL_FROM + 0.01)
    answer(cast.ask(SECOND, *HISTORY), replace(ready, retrieve=cast.finder(good)), SilentProgress())
    assert model.rewriting.prompts == []


def test_turns_that_must_stay_on_this_machine_are_not_sent_out() -> None:
    model = TwoWriters(REWRITTEN)
    kept = (HISTORY[0], replace(HISTORY[1], text="The vault code is in drawer 7.", local_only=True))
    answer(cast.ask(SECOND, *kept), tools(model, []), SilentProgress())
    sent = "".join(message.content for message in model.rewriting.prompts[0])
    assert HISTORY[0].text in sent
    assert "vault" not in sent


def test_personal_data_is_masked_on_the_way_out_and_put_back() -> None:
    searched: list[str] = []
    turns = (Turn("customer", "Mail to ann@example.org never arrives, and export fails"), *HISTORY)
    model = TwoWriters("How does export of mail to <EMAIL_1> work?")
    answer(cast.ask(SECOND, *turns), tools(model, searched), SilentProgress())
    sent = "".join(message.content for message in model.rewriting.prompts[0])
    assert "ann@example.org" not in sent
    assert searched[1:] == ["How does export of mail to ann@example.org work?"]


def test_a_model_that_takes_too_long_is_given_up() -> None:
    class Slow:
        """A model that writes until its sink has had enough."""

        def complete(
            self, messages: object, *, purpose: str, sink: StreamSink, **options: object
        ) -> Completion:
            while not sink.cancelled():
                sink.delta(".")
            raise ProviderTimeout("late")

    class Clock:
        """Half a second later at each look."""

        seconds = 0.0

        def monotonic_seconds(self) -> float:
            self.seconds += 0.5
            return self.seconds

    searched: list[str] = []
    clock = Clock()
    ready = replace(tools(Slow(), searched), clock=clock)  # type: ignore[arg-type]
    cancelled_answer = replace(ready, model=Slow())  # type: ignore[arg-type]
    query = cast.ask(SECOND, *HISTORY)

    class Gone(SilentProgress):
        """The customer leaves once the search has begun."""

        def cancelled(self) -> bool:
            return bool(searched)

    answer(query, cancelled_answer, Gone())
    assert searched == [f"{HISTORY[0].text} {SECOND}"]
    assert clock.seconds >= REWRITE_SECONDS


def test_acceptable_counts_the_words_that_were_said() -> None:
    assert acceptable("export account data", ["Can I export data?", "my account"])
    assert not acceptable("export casino bonus coins", ["Can I export data?"])

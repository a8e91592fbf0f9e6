"""What is for local models only reaches no other model, and nothing pretends to be complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversations.answering.codes import Reason
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress, Toolbox
from conversations.answering.values import Disposition, Reply, Source, Turn
from knowledge.retrieval.values import Passage
from providers.llm.base import ChatMessage
from tests.conversations.answering.cast import (
    BILLING,
    DELETING,
    EXPORT,
    SIGNING_IN,
    ScriptedModel,
    ask,
    passage,
    toolbox,
)

QUESTION = "How do I delete my account?"
GOOD = "Open Settings and choose Delete account [1]."
SECRET = "zanzibar"
KEPT = replace(
    passage("kept", f"Deleting accounts is {SECRET}: the key lies under the mat.", score=0.85),
    local_only=True,
)
FOUR = (DELETING, SIGNING_IN, BILLING, EXPORT)


def sent(*models: ScriptedModel) -> str:
    return "\n".join(m.content for model in models for prompt in model.prompts for m in prompt)


def run(tools: Toolbox, *history: Turn, text: str = QUESTION) -> Reply:
    return answer(ask(text, *history), tools, SilentProgress())


def codes(reply: Reply) -> list[str]:
    return [finding.code for finding in reply.findings]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_of_the_first_three_means_that_the_documents_are_quoted(place: int) -> None:
    outside = ScriptedModel(GOOD)
    found = [*FOUR[:place], KEPT, *FOUR[place:]]
    reply = run(toolbox(*found, model=outside))
    assert outside.prompts == []
    assert (reply.disposition, reply.source) == (Disposition.EXTRACT, Source.EXTRACT)
    assert Reason.LOCAL_ONLY in reply.confidence.reasons


def test_a_later_one_is_left_out_and_that_is_noted() -> None:
    outside = ScriptedModel(GOOD)
    reply = run(toolbox(*FOUR[:3], KEPT, EXPORT, model=outside))
    assert reply.source is Source.LLM
    assert SECRET not in sent(outside)
    assert "You can export your data" in sent(outside)
    assert "local_passages_left_out" in codes(reply)
    assert KEPT in reply.passages
    assert KEPT not in reply.used


def test_a_model_that_finds_no_answer_without_them_is_not_believed() -> None:
    reply = run(toolbox(*FOUR[:3], KEPT, model=ScriptedModel("NO_ANSWER")))
    assert reply.disposition is Disposition.EXTRACT
    assert Reason.LOCAL_ONLY in reply.confidence.reasons
    reply = run(toolbox(*FOUR, model=ScriptedModel("NO_ANSWER")))
    assert reply.disposition is Disposition.REFUSE


def test_passages_that_are_only_navigation_do_not_push_it_behind_the_first_three() -> None:
    links = [passage(f"nav{n}", "- [One](/one)\n- [Two](/two)", score=0.9) for n in range(3)]
    outside = ScriptedModel(GOOD)
    run(toolbox(*links, DELETING, KEPT, model=outside))
    assert outside.prompts == []


def test_a_local_model_gets_everything() -> None:
    local = ScriptedModel("The key lies under the mat [1].")
    reply = run(replace(toolbox(KEPT, *FOUR, model=local), local_model=local))
    assert reply.source is Source.LLM
    assert SECRET in sent(local)
    assert codes(reply) == []
    assert KEPT in reply.used


def test_of_two_models_the_local_one_answers_what_must_stay_here() -> None:
    outside, local = ScriptedModel(GOOD), ScriptedModel(GOOD)
    tools = toolbox(KEPT, *FOUR, model=outside)
    assert run(replace(tools, local_model=local)).source is Source.LLM
    assert (len(outside.prompts), len(local.prompts)) == (0, 1)
    tools = toolbox(*FOUR, model=outside)
    run(replace(tools, local_model=local))
    assert (len(outside.prompts), len(local.prompts)) == (1, 1)
    tools = replace(toolbox(KEPT, *FOUR), local_model=local)
    assert run(tools).source is Source.LLM


def test_an_earlier_reply_that_rests_on_one_is_left_out_of_the_history() -> None:
    outside = ScriptedModel(GOOD)
    earlier = (
        Turn("customer", "Where is the key?"),
        Turn("assistant", f"The key is {SECRET}.", local_only=True),
        Turn("assistant", "Anything else?"),
    )
    reply = run(toolbox(*FOUR, model=outside), *earlier)
    assert reply.source is Source.LLM
    assert SECRET not in sent(outside)
    assert "Where is the key?" in sent(outside)
    assert "Anything else?" in sent(outside)
    assert "local_turns_left_out" in codes(reply)


LONG = f"The {SECRET} key for the back door of the old house lies under the third mat from the left"


def test_a_customer_or_an_agent_who_quotes_it_does_not_carry_it_out() -> None:
    rests = Turn("assistant", f"It is so: {LONG}.", local_only=True)
    outside = ScriptedModel(GOOD)
    reply = run(toolbox(*FOUR, model=outside), rests, text=f"You said: {LONG}. And accounts?")
    assert outside.prompts == []
    assert Reason.LOCAL_ONLY in reply.confidence.reasons
    run(toolbox(*FOUR, model=outside), rests, Turn("agent", f"As said: {LONG}."))
    assert len(outside.prompts) == 1
    assert SECRET not in sent(outside)


PASSAGES = st.lists(
    st.tuples(st.booleans(), st.booleans()), min_size=0, max_size=8
)  # local only, navigation only
TURNS = st.lists(st.tuples(st.sampled_from(["customer", "assistant", "agent"]), st.booleans()))


@given(PASSAGES, TURNS, st.sampled_from(["none", "outside", "local", "both"]))
def test_no_mixture_lets_any_of_it_out(
    made: Sequence[tuple[bool, bool]], turns: Sequence[tuple[str, bool]], models: str
) -> None:
    found = [_passage(n, local, navigation) for n, (local, navigation) in enumerate(made)]
    history = [
        Turn(role, f"{SECRET} {role}" if local else role, local and role == "assistant")  # type: ignore[arg-type]
        for role, local in turns
        if not (local and role != "assistant")
    ]

    def told(messages: Sequence[ChatMessage]) -> str:
        return GOOD

    outside, local_one = ScriptedModel(told), ScriptedModel(told)
    tools = replace(
        toolbox(*found, model=outside if models in ("outside", "both") else None),
        local_model=local_one if models in ("local", "both") else None,
    )
    run(tools, *history)
    assert SECRET not in sent(outside)


def _passage(number: int, local: bool, navigation: bool) -> Passage:
    words = f"{SECRET if local else 'Plain'} words about deleting accounts, number {number}."
    text = "- [One](/one)" if navigation else words
    made = passage(f"page{number}", text, title=SECRET if local else "Page", score=0.9)
    return replace(made, local_only=local)

"""The pipeline while the bot is paused or a banner stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conversations.answering.codes import Code, Reason
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Banner, Disposition, Reply, RuleSpec, Source
from knowledge.retrieval.values import Query, Reader, Retrieved
from tests.conversations.answering.cast import ALL, Listener, ScriptedModel, ask, toolbox

DELETE = "How do I delete my account?"
GOOD = "Open Settings and choose Delete account [1]."
DOWN = "Payments are down."
HELLO = RuleSpec(1, "Hello", "text", "Hello!", ("hello there",))
PERSON = RuleSpec(2, "Person", "person", "Coming.", ("talk to a human",))


def never(query: Query, reader: Reader, limit: int) -> Retrieved:
    raise AssertionError("a paused bot does not search")


def run(text: str, tools: Toolbox, *, said: bool = False) -> Reply:
    return answer(replace(ask(text), banner_said=said), tools, Listener())


def test_a_paused_bot_neither_searches_nor_asks_a_model_and_offers_a_person() -> None:
    model = ScriptedModel(GOOD)
    tools = replace(toolbox(*ALL, model=model), retrieve=never, paused=True)
    reply = run(DELETE, tools)
    assert (reply.disposition, reply.code) == (Disposition.REFUSE, Code.PAUSED)
    assert (reply.source, reply.human_offered, reply.text) == (Source.OPERATOR, True, "")
    assert reply.confidence.reasons == (Reason.PAUSED,)
    assert model.prompts == []


@pytest.mark.parametrize(
    ("text", "disposition"),
    [("hello there", Disposition.REFUSE), ("talk to a human", Disposition.ESCALATE)],
)
def test_a_paused_bot_still_hands_over_to_a_person(text: str, disposition: Disposition) -> None:
    tools = replace(toolbox(*ALL, rules=(HELLO, PERSON)), paused=True)
    assert run(text, tools).disposition is disposition


def test_the_banner_is_said_before_anything_else_and_the_usual_answer_follows() -> None:
    order: list[str] = []

    def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
        order.append("search")
        return Retrieved(ALL)

    tools = replace(toolbox(), retrieve=retrieve, banner=Banner(DOWN), say_banner=order.append)
    reply = run(DELETE, tools)
    assert order == [DOWN, "search"]
    assert (reply.banner, reply.disposition) == (DOWN, Disposition.EXTRACT)
    assert DOWN not in reply.text


def test_the_banner_may_ask_for_a_person_in_place_of_an_answer() -> None:
    said: list[str] = []
    banner = Banner(DOWN, ("pay",), "person")
    tools = replace(toolbox(*ALL), retrieve=never, banner=banner, say_banner=said.append)
    reply = run("I cannot pay with my card", tools)
    assert (reply.disposition, reply.escalation_reason) == (Disposition.ESCALATE, "incident")
    assert (reply.code, reply.banner, said) == (Code.HANDED_OVER, DOWN, [DOWN])


def test_other_questions_do_not_hear_of_the_banner() -> None:
    said: list[str] = []
    banner = Banner(DOWN, ("pay",), "person")
    reply = run(DELETE, replace(toolbox(*ALL), banner=banner, say_banner=said.append))
    assert (reply.banner, said, reply.disposition) == ("", [], Disposition.EXTRACT)
    again = run(DELETE, replace(toolbox(*ALL), banner=Banner(DOWN)), said=True)
    assert again.banner == ""


def test_a_paused_bot_says_the_banner_too() -> None:
    tools = replace(toolbox(*ALL), retrieve=never, paused=True, banner=Banner(DOWN))
    reply = run(DELETE, tools)
    assert (reply.banner, reply.code) == (DOWN, Code.PAUSED)

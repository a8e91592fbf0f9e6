"""The same question at the same moment: one answer, and nobody waits in vain."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from conversations.answering.flights import Flights
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import (
    Reply,
    Source,
)
from providers.errors import ProviderUnavailable
from providers.llm.base import ChatMessage
from tests.conversations.answering.cast import (
    ALL,
    Listener,
    ScriptedModel,
    ask,
    toolbox,
)
from tests.conversations.answering.shelf import DELETE, GOOD, Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


class Slow:
    """A model's text that is written when the gate opens."""

    def __init__(self) -> None:
        self.begun, self.gate = threading.Event(), threading.Event()

    def __call__(self, messages: Sequence[ChatMessage]) -> str:
        self.begun.set()
        assert self.gate.wait(10)
        return GOOD


def started(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_the_same_question_at_the_same_moment_is_computed_once(shelf: Shelf) -> None:
    slow = Slow()
    model = ScriptedModel(slow)
    tools = replace(toolbox(*ALL, model=model), cache=shelf)
    replies: list[Reply] = []
    listener = Listener()
    first = started(lambda: replies.append(answer(ask(DELETE), tools, SilentProgress())))
    assert slow.begun.wait(10)
    second = started(lambda: replies.append(answer(ask(DELETE), tools, listener)))
    while "writing" not in listener.stages:
        time.sleep(0.01)
    slow.gate.set()
    first.join(10)
    second.join(10)
    assert len(model.prompts) == 1
    layers = [reply.served.layer if reply.served else None for reply in replies]
    assert sorted(map(str, layers)) == ["None", "in_flight"]
    assert {reply.text for reply in replies} == {GOOD}


def test_who_waited_in_vain_asks_the_model(shelf: Shelf) -> None:
    slow = Slow()
    model = ScriptedModel(slow)
    failing = ScriptedModel(slow, error=ProviderUnavailable("down"))
    replies: list[Reply] = []
    broken = replace(toolbox(*ALL, model=failing), cache=shelf)
    sound = replace(toolbox(*ALL, model=model), cache=shelf)
    listener = Listener()
    first = started(lambda: replies.append(answer(ask(DELETE), broken, SilentProgress())))
    assert slow.begun.wait(10)
    second = started(lambda: replies.append(answer(ask(DELETE), sound, listener)))
    while "writing" not in listener.stages:
        time.sleep(0.01)
    slow.gate.set()
    first.join(10)
    second.join(10)
    assert {reply.source for reply in replies} == {Source.EXTRACT, Source.LLM}


def test_nobody_waits_for_one_that_tries_a_failing_model(shelf: Shelf) -> None:
    slow = Slow()
    fails = threading.Event()
    tools = replace(toolbox(*ALL, model=ScriptedModel(slow)), cache=shelf, model_fails=fails.is_set)
    without = replace(tools, model=ScriptedModel(error=ProviderUnavailable("down")))
    replies: list[Reply] = []
    first = started(lambda: replies.append(answer(ask(DELETE), tools, SilentProgress())))
    assert slow.begun.wait(10)
    listener = Listener()
    second = started(lambda: replies.append(answer(ask(DELETE), without, listener)))
    while "writing" not in listener.stages:
        time.sleep(0.01)
    begun = time.monotonic()
    fails.set()
    second.join(10)
    assert answer(ask(DELETE), without, SilentProgress()).source is Source.EXTRACT
    assert time.monotonic() - begun < 2
    assert [reply.source for reply in replies] == [Source.EXTRACT]
    slow.gate.set()
    first.join(10)


def test_one_who_stops_waiting_is_let_go(shelf: Shelf) -> None:
    slow = Slow()
    tools = replace(toolbox(*ALL, model=ScriptedModel(slow)), cache=shelf)
    replies: list[Reply] = []
    first = started(lambda: replies.append(answer(ask(DELETE), tools, SilentProgress())))
    assert slow.begun.wait(10)
    begun = time.monotonic()
    answer(ask(DELETE), replace(tools, model=None), Listener(cancelled=True))
    assert time.monotonic() - begun < 5
    slow.gate.set()
    first.join(10)


def test_a_failing_pipeline_lets_the_others_go() -> None:
    flights = Flights()
    first, second = flights.join("k"), flights.join("k")
    assert (first.first, second.first) == (True, False)
    assert second.wait(0.01) is None
    second.land(None)
    assert not first.over
    first.land(None)
    assert second.over
    assert second.wait(1) is None
    assert flights.join("k").first

"""The pause and the banner from the row to the chat."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations import tasks, wiring
from conversations.actions.escalations import request_person
from conversations.actions.messages import claim
from conversations.answering.values import Reply, Source
from conversations.models import (
    Answer,
    Conversation,
    Escalation,
    Message,
    MessageKind,
    MessageState,
    ServiceState,
)
from conversations.switches import held_back, say_banner
from conversations.version_figures import by_version
from knowledge.retrieval.values import Query, Reader, Retrieved
from supportbot.dashboard import cards
from tests.conversations.answering.cast import ScriptedModel, passage

pytestmark = pytest.mark.django_db(transaction=True)
DOWN = "Payments are down."
QUESTION = "How do I return the goods that I have bought?"
WRITTEN = "You can return goods that you have bought within 30 days [1]."
Ask = Callable[[str], Message]


@pytest.fixture(autouse=True)
def searched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was searched for; one page is found. A model is connected."""
    queries: list[str] = []
    found = passage(
        str(uuid.uuid4()),
        "You can return goods that you have bought within 30 days of delivery.",
        chunk=str(uuid.uuid4()),
    )

    def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
        queries.append(query.text)
        return Retrieved((found,))

    monkeypatch.setattr(wiring, "retrieve", retrieve)
    monkeypatch.setattr(wiring, "similarity", None)
    return queries


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    made = ScriptedModel(WRITTEN)
    monkeypatch.setattr(wiring, "chat_model", lambda wanted: made)
    return made


def switch(**values: Any) -> ServiceState:
    state, _ = ServiceState.objects.update_or_create(defaults=values)
    return state


def answered(question: Message) -> Message:
    tasks.answer_message(str(question.pk))
    return Message.objects.get(reply_to=question, kind=MessageKind.FINAL)


def test_a_question_to_a_paused_bot_is_kept_answered_honestly_and_costs_nothing(
    ask: Ask, searched: list[str], model: ScriptedModel
) -> None:
    switch(paused=True)
    final = answered(ask(QUESTION))
    assert final.code == "paused"
    assert "not answering questions at the moment" in final.text
    assert final.answer.human_offered
    assert Answer.objects.get().question == QUESTION
    assert searched == []
    assert model.prompts == []


def test_what_a_paused_bot_did_not_answer_is_no_miss_of_the_documents(ask: Ask) -> None:
    switch(paused=True)
    answered(ask(QUESTION))
    assert by_version("prompt_version")[""].not_found == 0
    reader = User.objects.create_superuser("ada")
    (card,) = [card for card in cards(reader) if card.title == "Questions today"]
    assert {figure.label: figure.value for figure in card.figures}["not found"] == "0"


@pytest.mark.parametrize("ends", ["by hand", "by its end"])
def test_after_the_pause_the_bot_answers_again(ask: Ask, ends: str) -> None:
    switch(paused=True, paused_until=timezone.now() + timedelta(hours=1))
    assert answered(ask(QUESTION)).code == "paused"
    if ends == "by hand":
        switch(paused=False)
    else:
        switch(paused_until=timezone.now() - timedelta(seconds=1))
    assert answered(ask(QUESTION)).text == WRITTEN


def test_what_was_being_written_when_the_pause_began_is_held_back(
    ask: Ask, model: ScriptedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(messages: object) -> str:
        switch(paused=True)
        return WRITTEN

    monkeypatch.setattr(model, "_text", write)
    question = ask(QUESTION)
    final = answered(question)
    assert (final.code, final.answer.citations.count()) == ("paused", 0)
    assert final.answer.cost_usd is not None, "what it cost stays in the record"
    question.refresh_from_db()
    assert question.state == MessageState.DONE


def test_only_the_bots_own_words_are_held_back(reply: Callable[..., Reply]) -> None:
    switch(paused=True)
    rule = reply("Hello!", source=Source.RULE)
    assert held_back(rule) is rule
    assert held_back(reply("An extract", source=Source.EXTRACT)).text == ""


def test_the_banner_stands_in_the_chat_before_the_answer_once(
    ask: Ask, conversation: Conversation
) -> None:
    switch(banner=DOWN, banner_at=timezone.now())
    first = answered(ask(QUESTION))
    second = answered(ask(QUESTION))
    kinds = list(conversation.messages.order_by("seq").values_list("kind", "code"))
    assert kinds == [
        ("question", ""), ("notice", "banner"), ("final", ""), ("question", ""), ("final", ""),
    ]  # fmt: skip
    assert first.text == second.text == WRITTEN


def test_a_new_banner_is_said_again_and_one_that_ended_is_not(
    ask: Ask, conversation: Conversation
) -> None:
    switch(banner=DOWN, banner_at=timezone.now())
    answered(ask(QUESTION))
    switch(banner_at=timezone.now())
    answered(ask(QUESTION))
    switch(banner_at=timezone.now(), banner_until=timezone.now() - timedelta(seconds=1))
    answered(ask(QUESTION))
    assert conversation.messages.filter(code="banner").count() == 2


def test_a_banner_that_asks_for_a_person_escalates(ask: Ask) -> None:
    switch(banner=DOWN, banner_phrases="return\n\n goods ", banner_then="person")
    answered(ask(QUESTION))
    assert Escalation.objects.get().reason == "incident"


def test_a_second_attempt_does_not_say_the_banner_again(
    ask: Ask, conversation: Conversation
) -> None:
    question = ask(QUESTION)
    claimed = claim(question.pk)
    assert claimed is not None
    assert say_banner(claimed, DOWN)
    assert not say_banner(claimed, DOWN)
    assert conversation.messages.filter(code="banner").count() == 1


def test_a_bot_that_lost_its_right_says_no_banner(ask: Ask, conversation: Conversation) -> None:
    claimed = claim(ask(QUESTION).pk)
    assert claimed is not None
    request_person(conversation.pk)
    assert not say_banner(claimed, DOWN)


def test_the_chat_page_carries_the_banner_as_text(client: Client) -> None:
    assert 'id="incident-banner"' in client.get("/").content.decode()
    assert DOWN not in client.get("/").content.decode()
    switch(banner=f"<b>{DOWN}</b>", banner_until=timezone.now() + timedelta(seconds=90))
    page = client.get("/").content.decode()
    assert f"&lt;b&gt;{DOWN}&lt;/b&gt;" in page
    assert 'data-seconds-left="90"' in page or 'data-seconds-left="89"' in page
    switch(banner_until=timezone.now() - timedelta(seconds=1))
    assert DOWN not in client.get("/").content.decode()


def test_a_page_without_a_conversation_can_ask_for_the_banner(client: Client) -> None:
    assert client.get("/api/v1/banner/").json()["text"] == ""
    switch(banner=DOWN, banner_at=timezone.now())
    said = client.get("/api/v1/banner/").json()
    assert (said["type"], said["text"], said["seconds_left"]) == ("banner", DOWN, None)


def test_polling_tells_of_the_banner_and_wakes_for_it(rung: list[str], client: Client) -> None:
    cache.clear()
    started = client.post("/api/v1/conversations/").json()
    headers = {"Authorization": f"Bearer {started['token']}"}
    address = f"/api/v1/conversations/{started['id']}/messages/"
    assert client.get(address, headers=headers).json()["banner"]["text"] == ""
    switch(banner=DOWN, banner_until=timezone.now() + timedelta(seconds=1))
    page = client.get(f"{address}?wait=20", headers=headers).json()
    assert page["banner"]["text"] == "", "it ended while the browser waited"
    switch(banner_until=None)
    assert client.get(address, headers=headers).json()["banner"] == {
        "type": "banner", "text": DOWN, "seconds_left": None, "version": "",
    }  # fmt: skip

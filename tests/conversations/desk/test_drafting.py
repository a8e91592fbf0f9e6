"""Drafts: with the agent's eyes, and internal words only after a confirmation."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from conversations.desk.acts import perform
from conversations.models import AgentReaders, Conversation, DeskAct, Message, Site
from knowledge.models import Audience
from supportbot.roles import AGENT
from tests import admin_cast
from tests.knowledge.library import RETURNS, ingest

Ask = Callable[[str], Message]
GOODWILL = (
    b"# Goodwill for late parcels\n\nFor a late parcel we may grant the customer a goodwill "
    b"voucher of fifteen euros, but only once in a calendar year.\n"
)
QUESTION = "Is there a goodwill voucher for my late parcel?"
LEAK = "You know, we may grant the customer a goodwill voucher of fifteen euros."


@pytest.fixture
def amira(own_index: None) -> User:
    ingest("returns.md", RETURNS)
    ingest("goodwill.md", GOODWILL, audiences=["internal"])
    return admin_cast.agent()


def do(agent: User, name: str, conversation: Conversation, **values: Any) -> dict[str, Any]:
    return perform(agent, name, {"conversation": str(conversation.pk), **values})


def say(agent: User, conversation: Conversation, text: str, **values: Any) -> dict[str, Any]:
    return do(agent, "reply", conversation, text=text, client_id=str(uuid.uuid4()), **values)


def test_a_draft_names_its_sources_and_is_never_sent(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    ask(QUESTION)
    draft = do(amira, "draft", conversation)["draft"]
    assert "goodwill voucher" in draft["text"]
    assert "[1]" not in draft["text"]
    assert draft["internal"] is True
    marks = {source["title"]: source["internal"] for source in draft["sources"]}
    assert marks["Goodwill for late parcels"] is True
    assert conversation.messages.count() == 1


def test_what_the_site_may_not_read_is_internal_too(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    conversation.site = Site.objects.create(name="Elsewhere", all_collections=False)
    conversation.save()
    ask("How many days do I have to return something?")
    draft = do(amira, "draft", conversation)["draft"]
    assert {source["internal"] for source in draft["sources"]} == {True}


def test_words_of_an_internal_source_go_out_only_when_confirmed(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    ask(QUESTION)
    draft = do(amira, "draft", conversation)["draft"]
    # Copied by hand, without the button that names the draft.
    refused = say(amira, conversation, LEAK)
    assert (refused["code"], refused["titles"]) == ("internal", ["Goodwill for late parcels"])
    # In words of one's own, begun from the draft.
    assert say(amira, conversation, "Fifteen, yes.", draft=draft["id"])["code"] == "internal"
    assert conversation.messages.count() == 1
    assert say(amira, conversation, "Let me look.")["ok"]
    sent = say(amira, conversation, LEAK, confirmed=True)
    assert sent["ok"]
    act = DeskAct.objects.get(verb="internal")
    assert (act.agent, act.detail) == (amira, "Goodwill for late parcels")
    edit = {"message": sent["message"], "text": f"{LEAK} Really."}
    assert perform(amira, "edit", edit)["code"] == "internal"


def test_internal_words_that_did_not_go_out_are_not_said_to_have(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    ask(QUESTION)
    do(amira, "draft", conversation)
    bea = admin_cast.person("bea", AGENT)
    do(bea, "take", conversation)
    assert say(amira, conversation, LEAK, confirmed=True)["code"] == "held"
    assert not DeskAct.objects.filter(verb="internal").exists()


def test_an_agent_reads_as_the_administrator_said(
    conversation: Conversation, ask: Ask, amira: User
) -> None:
    ask(QUESTION)
    own = AgentReaders.objects.create(agent=amira)
    own.audiences.set(Audience.objects.filter(slug="public"))
    draft = do(amira, "draft", conversation)["draft"]
    assert draft["internal"] is False
    assert "fifteen" not in repr(draft)
    own.audiences.clear()
    assert do(amira, "draft", conversation)["draft"]["sources"] == []


def test_the_agents_own_words_can_be_asked(conversation: Conversation, amira: User) -> None:
    assert do(amira, "draft", conversation)["code"] == "nothing_asked"
    draft = do(amira, "draft", conversation, question=QUESTION)["draft"]
    assert "goodwill voucher" in draft["text"]

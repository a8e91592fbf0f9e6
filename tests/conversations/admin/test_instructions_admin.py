"""Versions of the instructions: made, compared, tried on a share, put into use, brought back."""

import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations import wiring
from conversations.actions import feedback
from conversations.actions.escalations import request_person
from conversations.actions.instructions import (
    make_version,
    put_into_use,
    try_on,
    version_for,
)
from conversations.actions.messages import claim, record_reply
from conversations.admin import try_panel
from conversations.answering import pipeline
from conversations.answering.instructions import in_trial
from conversations.answering.values import Reply
from conversations.models import (
    Answer,
    Conversation,
    Instructions,
    InstructionsUse,
    Message,
    VersionIsFixed,
)
from conversations.version_figures import by_version
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
ADD = "admin:conversations_instructions_add"
ACT = "admin:conversations_instructions_act"
LIST = "admin:conversations_instructions_changelist"


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def words(response: Any) -> str:
    page = response.content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index('id="main"') :]).split())


def add(client: Client, **fields: str) -> Any:
    return client.post(reverse(ADD), fields, follow=True)


def act(client: Client, action: str, version: int | str = "", **more: Any) -> Any:
    given = {"action": action, "version": version, **more}
    return client.post(reverse(ACT), given, follow=True)


def test_a_new_version_is_stored_with_its_maker_and_is_not_used_yet(client: Client) -> None:
    said = words(add(client, name="Nora", never_say="cheap\n\ncheap\n bargain ", note="First"))
    made = Instructions.objects.get()
    assert (made.version, made.created_by.username) == (1, "otto")  # type: ignore[union-attr]
    assert made.never_say == "cheap\nbargain"
    assert "It is not in use yet" in said
    assert version_for(None) is None
    assert wiring.toolbox().prompt.label == "answer@1"


def test_a_stored_version_cannot_change_or_go(client: Client) -> None:
    made = make_version(None, name="Nora")
    made.name = "Other"
    with pytest.raises(VersionIsFixed):
        made.save()
    with pytest.raises(VersionIsFixed):
        made.delete()
    address = reverse("admin:conversations_instructions_change", args=[made.pk])
    client.post(address, {"name": "Other"})
    assert Instructions.objects.get().name == "Nora"
    assert client.post(f"{address[:-7]}delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Fill in at least one field"),
        ({"name": "N" * 41}, "at most 40 characters"),
        ({"tone": "t" * 301}, "at most 300 characters"),
        ({"must_say": "m " * 301}, "at most 600 characters"),
        ({"never_say": "n" * 201}, "At most 200 characters in a line"),
    ],
)
def test_what_is_too_long_or_says_nothing_is_refused(
    client: Client, fields: dict[str, str], problem: str
) -> None:
    assert problem in words(add(client, **fields))
    assert not Instructions.objects.exists()


def test_a_version_is_put_into_use_compared_and_an_older_one_is_brought_back(
    client: Client,
) -> None:
    add(client, name="Nora", tone="formal")
    add(client, name="Nora", tone="cheerful")
    act(client, "use", 1)
    assert wiring.toolbox().prompt.label == "answer@2"
    assert wiring.toolbox().instructions.tone == "formal"  # type: ignore[union-attr]
    said = words(act(client, "use", 2))
    assert "Version 2 in use" in said
    newer = Instructions.objects.get(version=2)
    page = client.get(reverse("admin:conversations_instructions_change", args=[newer.pk]))
    assert "What changed from version 1" in words(page)
    assert "formal" in page.content.decode()
    older = Instructions.objects.get(version=1)
    page = client.get(reverse("admin:conversations_instructions_change", args=[older.pk]))
    assert "Go back to this version" in words(page)
    act(client, "use", 1)
    assert version_for(uuid.uuid4()) == older
    history = words(client.get(reverse(LIST)))
    assert history.count("otto") >= 3
    act(client, "none")
    assert wiring.toolbox().instructions is None
    assert InstructionsUse.objects.count() == 4


def test_a_form_for_the_next_version_begins_with_what_is_in_use_or_asked_for(
    client: Client,
) -> None:
    put_into_use(make_version(None, name="Nora"), None)
    make_version(None, name="Otis")
    assert 'value="Nora"' in client.get(reverse(ADD)).content.decode()
    assert 'value="Otis"' in client.get(f"{reverse(ADD)}?from=2").content.decode()


def test_a_trial_reaches_its_share_of_the_chats_and_ends(client: Client) -> None:
    first, second = make_version(None, name="A"), make_version(None, name="B")
    put_into_use(first, None)
    said = words(act(client, "try", 2, percent=30))
    assert "Version 1 in use, version 2 tried on 30 % of the chats" in said
    for number in range(50):
        chat = uuid.UUID(int=number)
        assert version_for(chat) == (second if in_trial(chat, 2, 30) else first)
    assert version_for(None) == first, "commands and trials get what is in use"
    act(client, "end")
    assert {version_for(uuid.UUID(int=n)) for n in range(50)} == {first}


@pytest.mark.parametrize("percent", ["0", "100", "-1", "ten", ""])
def test_a_share_that_is_none_is_refused(client: Client, percent: str) -> None:
    make_version(None, name="A")
    said = words(act(client, "try", 1, percent=percent))
    assert "from 1 to 99" in said
    assert not InstructionsUse.objects.exists()


def test_an_unknown_version_is_refused(client: Client) -> None:
    assert "no such version" in words(act(client, "use", 9))
    assert "no such version" in words(act(client, "use", "x"))


def test_the_trial_panel_asks_with_a_version_before_customers_get_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_version(None, person_topics="refund")
    seen: list[int | None] = []
    real = pipeline.answer

    def answer(question: Any, toolbox: Any, progress: Any) -> Reply:
        seen.append(toolbox.instructions.version if toolbox.instructions else None)
        return real(question, toolbox, progress)

    monkeypatch.setattr(try_panel, "answer", answer)
    page = client.get(f"{reverse('admin:try_bot')}?instructions=1").content.decode()
    assert re.search(r'<option value="1"\s+selected', page)
    given = {"text": "A refund, please", "audiences": "public", "instructions": "1"}
    said = words(client.post(reverse("admin:try_bot"), given))
    assert seen == [1]
    assert "Handed to a person as the operator decided" in said
    assert "version 1" in said


def test_the_figures_of_two_versions_can_be_compared(
    client: Client,
    conversation: Conversation,
    ask: Callable[[str], Message],
    reply: Callable[..., Reply],
) -> None:
    make_version(None, name="A")
    try_on(make_version(None, name="B"), 50, None)
    for version, cost in ((1, "0.002"), (2, "0.004"), (2, None)):
        question = ask(f"Question for {version}?")
        claimed = claim(question.pk)
        assert claimed is not None
        price = Decimal(cost) if cost else None
        made = reply("Hi", instructions_version=version, cost_usd=price, model="m")
        final = record_reply(claimed.pk, claimed.attempt, made)
        assert final is not None
        feedback.rate(conversation, final.pk, 1 if version == 1 else -1, "", "")
    request_person(conversation.pk)
    figures = by_version("instructions_version")
    assert (figures[1].answers, figures[1].helpful, figures[1].to_person) == (1, 1, 0)
    assert figures[1].mean_cost_usd == Decimal("0.002")
    assert (figures[2].answers, figures[2].not_helpful, figures[2].to_person) == (2, 2, 1)
    assert figures[2].mean_cost_usd is None, "an unknown price is not zero"
    page = words(client.get(reverse(LIST)))
    assert "unknown price" in page
    assert "0.002000" in page
    listed = reverse("admin:conversations_answer_changelist")
    assert "Question for 1" in words(client.get(f"{listed}?instructions_version=1"))
    assert "Question for 2" not in words(client.get(f"{listed}?instructions_version=1"))
    assert Answer.objects.get(instructions_version=1).instructions_version == 1


def test_the_chat_page_carries_the_assistants_name(client: Client) -> None:
    assert "<title>Support</title>" in client.get("/").content.decode()
    put_into_use(make_version(None, name="Nora & <b>Co</b>"), None)
    assert "<title>Nora &amp; &lt;b&gt;Co&lt;/b&gt;</title>" in client.get("/").content.decode()


def test_an_agent_may_not_read_or_change_them() -> None:
    agent = cast.signed_in(cast.agent())
    make_version(None, name="A")
    assert agent.get(reverse(LIST)).status_code == 403
    assert agent.post(reverse(ACT), {"action": "use", "version": 1}).status_code == 403

"""Through the real client and a real endpoint: what is for local models only does not arrive.

The endpoint is the stub on this machine, called by an address that does not count as local
(127.1 reaches it, and no name or address but the plain ones is taken for this machine's).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from conversations import wiring
from conversations.actions.messages import claim, record_reply, turn_text
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import Reply
from conversations.intake import submit
from conversations.loading import question_of
from conversations.models import Conversation, Message, MessageRole
from knowledge.models import Collection, Document
from tests.knowledge.library import INVOICES, PASSWORDS, RETURNS, ingest
from tests.server_process import fetch

SECRET = "zanzibar"
RECIPE = f"# Recipe\n\nThe secret recipe of our soup needs {SECRET} and seven onions.".encode()


@pytest.fixture
def outside(stub_llm: str, settings: Any) -> str:
    """Connect the stub by an address that counts as outside."""
    return _connect(settings, stub_llm.replace("127.0.0.1", "127.1"))


def _connect(settings: Any, address: str) -> str:
    llm = {**settings.PROVIDERS["llm"]}
    llm["OPTIONS"] = {**llm["OPTIONS"], "models": ["stub"], "base_url": address, "api_key": "k"}
    settings.PROVIDERS = {**settings.PROVIDERS, "llm": llm}
    return address


@pytest.fixture
def documents(own_index: None) -> None:
    """Three pages for everybody, and one in a collection for local models only."""
    for name, content in {"r.md": RETURNS, "p.md": PASSWORDS, "i.md": INVOICES}.items():
        ingest(name, content)
    ingest("recipe.md", RECIPE, collection="kitchen", audiences=["public"])
    Collection.objects.filter(slug="kitchen").update(local_models_only=True)


@pytest.fixture
def say(conversation: Conversation, documents: None) -> Callable[[str], Reply]:
    """Ask in one conversation as a worker does, and store the reply."""

    def ask(text: str) -> Reply:
        question = claim(submit(conversation, text, uuid.uuid4()).message.pk)
        assert question is not None
        asked = question_of(question, turn_text(question))
        reply = answer(asked, wiring.toolbox(), SilentProgress())
        assert record_reply(question.pk, question.attempt, reply) is not None
        return reply

    return ask


def calls(address: str) -> list[str]:
    """Return what the stub was sent so far, a JSON text a call."""
    _, stats = fetch(address.replace("127.1", "127.0.0.1").removesuffix("/v1") + "/stub/stats")
    return [json.dumps(request, ensure_ascii=False) for request in stats["last"]]


def new_calls(address: str, before: list[str]) -> list[str]:
    return calls(address)[len(before) :]


def test_no_passage_of_it_reaches_an_endpoint_outside(
    outside: str, say: Callable[[str], Reply]
) -> None:
    before = calls(outside)
    reply = say("What does the secret recipe of the soup need?")
    assert SECRET in reply.text
    assert reply.source == "extract"
    assert "local_only" in reply.confidence.reasons
    assert new_calls(outside, before) == []


def test_nor_does_an_earlier_reply_that_rests_on_it(
    outside: str, say: Callable[[str], Reply], conversation: Conversation
) -> None:
    before = calls(outside)
    assert SECRET in say("What does the secret recipe of the soup need?").text
    Document.objects.filter(path="recipe.md").update(published=False)
    reply = say("How long do I have to send goods back after delivery?")
    assert reply.source == "llm"
    said = "\n".join(new_calls(outside, before))
    assert "30 days" in said
    assert "secret recipe of the soup need" in said
    assert SECRET not in said
    assert conversation.messages.filter(role=MessageRole.ASSISTANT).count() == 2


def test_a_reply_from_before_the_collection_was_marked_stays_here_too(
    outside: str, say: Callable[[str], Reply]
) -> None:
    Collection.objects.update(local_models_only=False)
    say("What does the secret recipe of the soup need?")
    before = calls(outside)
    Collection.objects.filter(slug="kitchen").update(local_models_only=True)
    Document.objects.filter(path="recipe.md").update(published=False)
    say("How long do I have to send goods back after delivery?")
    Document.objects.filter(path="recipe.md").delete()
    say("When are invoices sent by e-mail?")
    assert len(new_calls(outside, before)) == 2
    assert SECRET not in "\n".join(new_calls(outside, before))


def test_a_trusted_host_gets_it(outside: str, say: Callable[[str], Reply], settings: Any) -> None:
    settings.LLM_LOCAL_HOSTS = ["127.1"]
    before = calls(outside)
    reply = say("What does the secret recipe of the soup need?")
    assert reply.source == "llm"
    assert SECRET in new_calls(outside, before)[0]
    say("How long do I have to send goods back after delivery?")
    assert SECRET in new_calls(outside, before)[1]


def test_this_machine_gets_it_without_being_named(
    stub_llm: str, say: Callable[[str], Reply], settings: Any
) -> None:
    address = _connect(settings, stub_llm)
    before = calls(address)
    assert say("What does the secret recipe of the soup need?").source == "llm"
    assert SECRET in new_calls(address, before)[0]


def test_the_record_says_which_passages_were_used(say: Callable[[str], Reply]) -> None:
    say("What does the secret recipe of the soup need?")
    record = Message.objects.get(role=MessageRole.ASSISTANT).answer.passages
    assert {(row["title"], row["local_only"]) for row in record if row["used"]} >= {
        ("Recipe", True)
    }


def test_a_history_of_unknown_origin_does_not_carry_it_out(
    outside: str, documents: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = calls(outside)
    Document.objects.filter(path="recipe.md").update(published=False)
    history = tmp_path / "history.json"
    turns = [{"role": "user", "text": "The recipe?"}, {"role": "assistant", "text": SECRET}]
    history.write_text(json.dumps(turns))
    question = "How long do I have to send goods back after delivery?"
    call_command("ask", question, "--history", str(history), "--json")
    assert json.loads(capsys.readouterr().out)["source"] == "llm"
    assert SECRET not in new_calls(outside, before)[0]
    Collection.objects.update(local_models_only=False)
    call_command("ask", question, "--history", str(history), "--json")
    assert SECRET in new_calls(outside, before)[1]

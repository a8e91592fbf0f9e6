"""Without sockets: what changes between two answers is told at once, and who types is told too."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from conversations.actions import desk, revisions
from conversations.models import Conversation, VisitorToken
from conversations.typing_signs import agent_types
from knowledge.actions.defaults import ensure_defaults
from tests import admin_cast

pytestmark = pytest.mark.django_db
BASE = "/api/v1/conversations/"


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


class Browser:
    """A customer whose network blocks sockets."""

    def __init__(self) -> None:
        self.client = Client()
        begun = self.client.post(BASE, {}, "application/json").json()
        self.path = f"{BASE}{begun['id']}/"
        self.chat = Conversation.objects.get(pk=begun["id"])
        self.headers = {"Authorization": f"Bearer {begun['token']}"}

    def ask(self, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(
            f"{self.path}messages/", query, headers=self.headers
        ).json()
        return found


def test_what_changed_since_the_last_answer_does_not_wait() -> None:
    browser, agent = Browser(), admin_cast.agent()
    sent = desk.reply(browser.chat.pk, agent, "Hello", uuid.uuid4())
    known = browser.ask(after=0)
    # Between two answers, when no request is under way.
    revisions.edit(sent.pk, agent, "Hello again")
    after = {"after": known["last_seq"], "changes": known["changes"]}
    told = browser.ask(**after, wait=25)
    assert [row["text"] for row in told["messages"]] == ["Hello again"]
    assert told["changes"] != known["changes"]
    desk.hand_back(browser.chat.pk, agent)
    assert browser.ask(after=told["last_seq"], changes=told["changes"], wait=25)["owner"] == "bot"


def test_the_agents_typing_comes_with_the_next_answer() -> None:
    browser, agent = Browser(), admin_cast.agent()
    desk.reply(browser.chat.pk, agent, "Hello", uuid.uuid4())
    known = browser.ask(after=0)
    assert known["typing"] == ""
    agent_types(browser.chat.pk)
    told = browser.ask(after=known["last_seq"], changes=known["changes"], wait=25)
    assert told["typing"] == "agent"
    # With what was typed there is nothing more to wait for.
    desk.reply(browser.chat.pk, agent, "Hello again", uuid.uuid4())
    told = browser.ask(after=told["last_seq"], changes=told["changes"], wait=25)
    assert [row["text"] for row in told["messages"]] == ["Hello again"]
    assert told["typing"] == ""


def test_who_signs_out_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser()
    waits: list[float] = []

    def sign_out(seconds: float) -> None:
        assert not waits, "the request went on after the token's end"
        waits.append(seconds)
        VisitorToken.objects.all().delete()

    monkeypatch.setattr("conversations.api.chat.time.sleep", sign_out)
    # The test's own connection stays open.
    monkeypatch.setattr("conversations.api.chat.connection.close", lambda: None)
    answer = browser.client.get(
        f"{browser.path}messages/", {"after": 0, "wait": 25}, headers=browser.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert len(waits) == 1


def test_the_customers_typing_reaches_the_agents(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(
        "conversations.typing_signs.publish_to_staff", lambda *given: told.append(given)
    )
    browser = Browser()
    answer = browser.client.post(f"{browser.path}typing/", headers=browser.headers)
    assert answer.status_code == 204
    assert told == [(browser.chat.pk, {"type": "typing", "who": "customer"})]


def test_five_megabytes_are_refused_in_words() -> None:
    browser = Browser()
    body = {"text": "word " * 1_000_000, "client_id": str(uuid.uuid4())}
    answer = browser.client.post(
        f"{browser.path}messages/", body, "application/json", headers=browser.headers
    )
    assert answer.status_code == 413
    assert answer.json()["code"] in ("too_long", "too_large")
    assert answer.json()["text"]
    assert Conversation.objects.get(pk=browser.chat.pk).last_seq == 0

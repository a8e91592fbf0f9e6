"""The link in a mail opens one chat for some days, and nothing else; an address is left by HTTP."""

import time
import uuid
from typing import Any

import pytest
from django.core import signing
from django.core.cache import cache
from django.test import Client

from conversations.models import Contact, Conversation, Visitor
from conversations.tokens import REOPEN_DAYS, reopening_token, visitor_of
from knowledge.actions.defaults import ensure_defaults

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


def call(method: str, path: str, token: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    send = getattr(Client(), method)
    return send(BASE + path, body or {}, content_type="application/json", headers=headers)


@pytest.fixture
def started() -> dict[str, Any]:
    found: dict[str, Any] = call("post", "/conversations/", "").json()
    return found


def linked(started: dict[str, Any]) -> str:
    return reopening_token(uuid.UUID(started["id"]))


def test_the_link_opens_the_chat_and_the_customer_can_answer(started: dict[str, Any]) -> None:
    token = linked(started)
    sent = {"client_id": str(uuid.uuid4()), "text": "Thank you."}
    assert call("post", f"/conversations/{started['id']}/messages/", token, sent).status_code == 201
    listed = call("get", f"/conversations/{started['id']}/messages/", token).json()
    assert listed["messages"][0]["text"] == "Thank you."


def test_the_link_opens_no_other_chat_of_the_same_visitor(started: dict[str, Any]) -> None:
    other = call("post", "/conversations/", started["token"]).json()
    sent = {"client_id": str(uuid.uuid4()), "text": "Hello"}
    asked = call("post", f"/conversations/{other['id']}/messages/", started["token"], sent).json()
    token = linked(started)
    assert call("get", f"/conversations/{other['id']}/", token).status_code == 404
    assert call("post", f"/messages/{asked['id']}/stop/", token).status_code == 404


def test_a_new_chat_begun_from_the_link_belongs_to_somebody_new(started: dict[str, Any]) -> None:
    begun = call("post", "/conversations/", linked(started)).json()
    assert begun["token"]
    assert Visitor.objects.count() == 2
    assert call("get", f"/conversations/{begun['id']}/", begun["token"]).status_code == 200


@pytest.mark.parametrize("change", ["cut", "other key", "other purpose", "no id"])
def test_a_tampered_link_opens_nothing(started: dict[str, Any], change: str) -> None:
    token = linked(started)
    made = {
        "cut": token[:-1],
        "other key": signing.dumps(started["id"], salt="conversations.reopen", key="another"),
        "other purpose": signing.dumps(started["id"], salt="sessions"),
        "no id": signing.dumps({"a": 1}, salt="conversations.reopen"),
    }[change]
    assert call("get", f"/conversations/{started['id']}/", made).status_code == 401


def test_an_old_link_opens_nothing(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = linked(started)
    now, days = time.time(), REOPEN_DAYS * 86400
    monkeypatch.setattr(time, "time", lambda: now + days - 60)
    assert visitor_of(token) is not None
    monkeypatch.setattr(time, "time", lambda: now + days + 60)
    assert visitor_of(token) is None


def test_a_link_to_a_chat_that_is_gone_opens_nothing(started: dict[str, Any]) -> None:
    token = linked(started)
    Conversation.objects.all().delete()
    assert visitor_of(token) is None


def test_an_address_is_left_while_a_person_is_waited_for(started: dict[str, Any]) -> None:
    path = f"/conversations/{started['id']}"
    state = call("post", f"{path}/escalate/", started["token"], {"note": ""}).json()
    assert (state["owner"], state["email"]) == ("waiting", "offered")
    state = call("post", f"{path}/email/", started["token"], {"email": "kim@example.com"}).json()
    assert state["email"] == "given"
    wrong = call("post", f"{path}/email/", started["token"], {"email": "kim"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_email")


def test_nobody_leaves_an_address_in_the_chat_of_another(started: dict[str, Any]) -> None:
    other = call("post", "/conversations/", "").json()
    path = f"/conversations/{started['id']}/email/"
    assert call("post", path, other["token"], {"email": "eve@example.com"}).status_code == 404
    assert not Contact.objects.exists()


def test_ringing_too_often_is_refused_with_a_sentence(
    started: dict[str, Any], settings: Any
) -> None:
    settings.VISITOR_RINGS_PER_HOUR = 1
    path = f"/conversations/{started['id']}"
    call("post", f"{path}/escalate/", started["token"], {"note": ""})
    call("post", f"{path}/withdraw/", started["token"])
    refused = call("post", f"{path}/escalate/", started["token"], {"note": ""})
    assert (refused.status_code, refused.json()["code"]) == (429, "ring_limit")
    assert "ask again in 1 hour" in refused.json()["text"]
    assert refused.headers["Retry-After"]


def test_looking_at_the_chat_is_noted(started: dict[str, Any]) -> None:
    path = f"/conversations/{started['id']}"
    call("post", f"{path}/email/", started["token"], {"email": "kim@example.com"})
    Contact.objects.update(seen_at=None)
    call("get", f"{path}/messages/?after=0", started["token"])
    assert Contact.objects.get().seen_at is None
    call("get", f"{path}/messages/?after=0&seen=1", started["token"])
    assert Contact.objects.get().seen_at is not None

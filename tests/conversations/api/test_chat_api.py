"""The chat over plain HTTP."""

import uuid
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from conversations.models import Message
from knowledge.actions.defaults import ensure_defaults

pytestmark = pytest.mark.django_db
BASE = "/api/v1"


@pytest.fixture(autouse=True)
def _fresh(rung: list[str]) -> None:
    cache.clear()
    ensure_defaults()


class Caller:
    """A visitor with a token."""

    def __init__(self) -> None:
        self.client = Client()
        started = self.client.post(f"{BASE}/conversations/").json()
        self.id, self.token = started["id"], started["token"]

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.client.post(
            BASE + path, body or {}, content_type="application/json", headers=headers
        )

    def get(self, path: str) -> Any:
        return self.client.get(BASE + path, headers={"Authorization": f"Bearer {self.token}"})

    def say(self, text: str, client_id: str = "") -> Any:
        body = {"client_id": client_id or str(uuid.uuid4()), "text": text}
        return self.post(f"/conversations/{self.id}/messages/", body)


def test_a_message_is_acknowledged_and_listed() -> None:
    customer = Caller()
    sent = customer.say("Where is my parcel?")
    assert sent.status_code == 201
    listed = customer.get(f"/conversations/{customer.id}/messages/?after=0").json()
    assert [row["text"] for row in listed["messages"]] == ["Where is my parcel?"]
    assert listed["states"] == {sent.json()["id"]: "pending"}


def test_sending_again_is_the_same_message_and_another_text_a_conflict() -> None:
    customer = Caller()
    client_id = str(uuid.uuid4())
    first, second = customer.say("Hello", client_id), customer.say("Hello", client_id)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    third = customer.say("Good bye", client_id)
    assert (third.status_code, third.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("text", "status", "code"), [("", 400, "empty"), ("x" * 4001, 413, "too_long")]
)
def test_bad_texts_get_a_reason(text: str, status: int, code: str) -> None:
    refused = Caller().say(text)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["text"].endswith(".")


def test_without_a_token_nothing_is_found() -> None:
    customer = Caller()
    url = f"{BASE}/conversations/{customer.id}/messages/"
    assert Client().get(url).status_code == 401
    wrong = Client().get(url, headers={"Authorization": "Bearer nonsense"})
    assert wrong.status_code == 401


def test_another_visitors_things_are_not_found() -> None:
    customer, stranger = Caller(), Caller()
    message = customer.say("Secret").json()["id"]
    for path in (f"/conversations/{customer.id}/", f"/conversations/{customer.id}/messages/"):
        assert stranger.get(path).status_code == 404
    for path in (
        f"/conversations/{customer.id}/messages/",
        f"/conversations/{customer.id}/escalate/",
        f"/conversations/{customer.id}/withdraw/",
        f"/messages/{message}/feedback/",
        f"/messages/{message}/stop/",
        f"/messages/{message}/retry/",
    ):
        assert stranger.post(path, {"rating": 1}).status_code == 404
    assert Message.objects.count() == 1


@override_settings(VISITOR_MESSAGES_PER_MINUTE=2)
def test_too_many_messages_are_told_how_long_to_wait() -> None:
    customer = Caller()
    customer.say("one")
    customer.say("two")
    refused = customer.say("three")
    assert refused.status_code == 429
    assert 1 <= refused.json()["retry_after_seconds"] <= 60


def test_a_person_can_be_asked_and_the_request_taken_back() -> None:
    customer = Caller()
    customer.say("Where is my parcel?")
    asked = customer.post(f"/conversations/{customer.id}/escalate/", {"note": "Order 17"})
    assert asked.json()["owner"] == "waiting"
    assert customer.post(f"/conversations/{customer.id}/withdraw/").json()["owner"] == "bot"
    again = customer.post(f"/conversations/{customer.id}/withdraw/")
    assert (again.status_code, again.json()["code"]) == (409, "not_waiting")


def test_staff_endpoints_are_closed_to_visitors_and_strangers() -> None:
    customer = Caller()
    for path in ("/search/", "/ask/"):
        assert customer.post(path, {"query": "x"}).status_code in (401, 403)
        assert Client().post(BASE + path).status_code in (401, 403)


def test_the_schema_and_its_page_are_served() -> None:
    client = Client()
    assert b"/api/v1/conversations/" in client.get(f"{BASE}/schema/").content
    assert client.get(f"{BASE}/docs/").status_code == 200

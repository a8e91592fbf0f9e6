"""Over the socket: ringing too often, leaving an address, and looking at the chat."""

from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.core.cache import cache

from conversations.actions import conversations as starting
from conversations.consumers import ChatConsumer
from conversations.models import Contact, Conversation
from conversations.tokens import reopening_token
from knowledge.actions.defaults import ensure_defaults

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rung")]
T = TypeVar("T")


def begun() -> tuple[Conversation, str]:
    cache.clear()
    ensure_defaults()
    return starting.start(None, "192.0.2.7")


async def in_thread(call: Callable[[], T]) -> T:
    found: T = await database_sync_to_async(call, thread_sensitive=False)()
    return found


class Tab:
    """One browser tab's socket."""

    def __init__(self, conversation: Conversation, token: str) -> None:
        self.hello = {"type": "hello", "token": token, "conversation": str(conversation.pk)}
        self.socket = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/")

    async def open(self) -> dict[str, Any]:
        await self.socket.connect()
        await self.socket.send_json_to(self.hello)
        frame: dict[str, Any] = await self.socket.receive_json_from()
        return frame

    async def until(self, kind: str, **values: Any) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = await self.socket.receive_json_from(timeout=5)
            if frame["type"] == kind and values.items() <= frame.items():
                return frame


@pytest.fixture
async def tab() -> AsyncIterator[Tab]:
    made = Tab(*await in_thread(begun))
    assert (await made.open())["type"] == "welcome"
    yield made
    await made.socket.disconnect()


async def test_an_address_is_offered_taken_and_refused(tab: Tab) -> None:
    await tab.socket.send_json_to({"type": "escalate"})
    assert (await tab.until("owner"))["email"] == "offered"
    await tab.socket.send_json_to({"type": "email", "email": "kim"})
    assert (await tab.until("error"))["code"] == "bad_email"
    await tab.socket.send_json_to({"type": "email", "email": "kim@example.com"})
    assert (await tab.until("owner", email="given"))["owner"] == "waiting"


async def test_ringing_too_often_says_when_it_works_again(tab: Tab, settings: Any) -> None:
    settings.VISITOR_RINGS_PER_HOUR = 1
    for kind in ("escalate", "withdraw", "escalate"):
        await tab.socket.send_json_to({"type": kind})
    refused = await tab.until("error")
    assert refused["code"] == "ring_limit"
    assert "ask again in 1 hour" in refused["text"]


async def test_only_a_visible_tab_counts_as_looking(tab: Tab) -> None:
    await tab.socket.send_json_to({"type": "email", "email": "kim@example.com"})
    await tab.until("message", code="email_taken")
    await in_thread(lambda: Contact.objects.update(seen_at=None))
    for visible in (False, "yes", None):
        await tab.socket.send_json_to({"type": "ping", "visible": visible})
        await tab.until("pong")
    assert await in_thread(lambda: Contact.objects.get().seen_at) is None
    await tab.socket.send_json_to({"type": "ping", "visible": True})
    await tab.until("pong")
    assert await in_thread(lambda: Contact.objects.get().seen_at) is not None


async def test_a_mailed_link_opens_its_chat_only() -> None:
    first, token = await in_thread(begun)
    second, _ = await in_thread(lambda: starting.start(first.visitor, "192.0.2.7"))
    linked = await in_thread(lambda: reopening_token(first.pk))
    allowed, refused = Tab(first, linked), Tab(second, linked)
    assert (await allowed.open())["type"] == "welcome"
    assert (await refused.open())["code"] == "unauthorized"
    assert (await Tab(second, token).open())["type"] == "welcome"

"""The agents' socket: the session decides, again at each frame; notes stay inside."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from conversations.actions import conversations as starting
from conversations.desk.consumer import own_origin
from conversations.models import Conversation, Note, Presence
from conversations.streaming import group_of, staff_group_of
from knowledge.actions.defaults import ensure_defaults
from supportbot.asgi import application
from supportbot.roles import AGENT
from tests import admin_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]
SECRET = "private words of the desk"


def layer() -> Any:
    return get_channel_layer()


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def socket(cookie: str, origin: str = "http://testserver") -> WebsocketCommunicator:
    headers = [(b"host", b"testserver"), (b"cookie", f"sessionid={cookie}".encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    return WebsocketCommunicator(application, "/ws/desk/", headers=headers)


async def opened(cookie: str) -> WebsocketCommunicator:
    desk = socket(cookie)
    assert (await desk.connect())[0]
    assert (await desk.receive_json_from())["type"] == "welcome"
    return desk


async def until(desk: WebsocketCommunicator, kind: str) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = await desk.receive_json_from(timeout=5)
        if frame["type"] == kind:
            return frame


@pytest.fixture
def started(rung: list[str]) -> tuple[Conversation, str]:
    ensure_defaults()
    return starting.start(None, "192.0.2.7")


@pytest.mark.parametrize("who", ["nobody", "outsider", "customer"])
async def test_without_the_permission_nothing_opens(who: str) -> None:
    make: dict[str, Callable[[], str]] = {
        "nobody": lambda: "no-such-session",
        "outsider": lambda: session_of(admin_cast.outsider()),
        "customer": lambda: session_of(User.objects.create_user("lee")),
    }
    desk = socket(await database_sync_to_async(make[who])())
    await desk.connect()
    assert (await desk.receive_output(5))["code"] == 4403


@pytest.mark.parametrize("origin", ["", "null", "http://evil.example", "http://testserver:81"])
async def test_pages_of_others_are_refused(origin: str) -> None:
    cookie = await database_sync_to_async(lambda: session_of(admin_cast.agent()))()
    desk = socket(cookie, origin)
    assert not (await desk.connect())[0]


async def test_a_sign_out_ends_what_an_open_socket_may_do(
    started: tuple[Conversation, str],
) -> None:
    conversation, _ = started
    cookie = await database_sync_to_async(lambda: session_of(admin_cast.agent()))()
    desk = await opened(cookie)

    def sign_out() -> None:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        client.post("/admin/logout/")

    await database_sync_to_async(sign_out)()
    await desk.send_json_to(
        {"type": "act", "id": 1, "act": "take", "conversation": str(conversation.pk)}
    )
    assert (await desk.receive_output(5))["code"] == 4403
    await database_sync_to_async(conversation.refresh_from_db)()
    assert conversation.agent_id is None


async def test_acts_and_changes_go_over_the_socket_and_notes_never_to_the_customer(
    started: tuple[Conversation, str],
) -> None:
    conversation, token = started
    cookie = await database_sync_to_async(lambda: session_of(admin_cast.agent()))()
    desk = await opened(cookie)
    chat = WebsocketCommunicator(application, "/ws/chat/")
    await chat.connect()
    hello = {"type": "hello", "token": token, "conversation": str(conversation.pk), "last_seq": 0}
    await chat.send_json_to(hello)
    await until(chat, "banner")

    pk = str(conversation.pk)
    await desk.send_json_to({"type": "watch", "conversation": pk})
    await until(desk, "watching")
    await desk.send_json_to(
        {"type": "act", "id": 7, "act": "note", "conversation": pk, "text": SECRET}
    )
    got = [await desk.receive_json_from(timeout=5) for _ in range(2)]
    assert {"type": "changed", "conversation": pk} in got
    note = await database_sync_to_async(Note.objects.get)()
    assert {"type": "result", "id": 7, "ok": True, "note": note.pk} in got

    reply = {"type": "act", "id": 8, "act": "reply", "conversation": pk, "text": "Hello"}
    await desk.send_json_to({**reply, "client_id": str(uuid.uuid4())})
    frame = await until(desk, "message")
    while frame["role"] != "agent":
        frame = await until(desk, "message")
    assert frame["text"] == "Hello"
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1].get("role") != "agent":
        seen.append(await chat.receive_json_from(timeout=5))
    assert SECRET not in repr(seen)
    assert await chat.receive_nothing(0.2)
    await chat.disconnect()
    await desk.disconnect()


async def test_a_colleague_sees_who_replies_and_the_customer_whose_chat_it_is(
    started: tuple[Conversation, str],
) -> None:
    conversation, token = started
    people = [admin_cast.agent, lambda: admin_cast.person("bea", AGENT)]
    cookies = [await database_sync_to_async(lambda p=p: session_of(p()))() for p in people]
    first, second = [await opened(cookie) for cookie in cookies]
    pk = str(conversation.pk)
    for desk in (first, second):
        await desk.send_json_to({"type": "watch", "conversation": pk})
        await until(desk, "watching")
    await first.send_json_to({"type": "typing"})
    assert (await until(second, "replying"))["who"] == "Amira"
    assert await first.receive_nothing(0.2)
    await first.disconnect()
    await second.disconnect()


async def test_what_was_on_its_way_from_another_conversation_is_not_sent(
    started: tuple[Conversation, str],
) -> None:
    first, _ = started
    second, _ = await database_sync_to_async(starting.start)(None, "192.0.2.8")
    cookie = await database_sync_to_async(lambda: session_of(admin_cast.agent()))()
    desk = await opened(cookie)
    await desk.send_json_to({"type": "watch", "conversation": str(first.pk)})
    await until(desk, "watching")
    # Both wait for the consumer, which takes the browser's frame first.
    await desk.send_json_to({"type": "watch", "conversation": str(second.pk)})
    for name in (group_of(first.pk), staff_group_of(first.pk)):
        frame = {"type": "message", "text": "of the first one"}
        event = {"type": "chat.frame", "text": json.dumps(frame), "group": name}
        await layer().group_send(name, event)
    assert (await desk.receive_json_from(timeout=5))["conversation"] == str(second.pk)
    assert await desk.receive_nothing(0.3)
    await desk.disconnect()


@pytest.mark.parametrize(
    "text", ["x", "[]", "5", '{"type": "hello"}', '{"type": 5}', '{"type": []}', "[" * 5000]
)
async def test_bad_frames_hurt_nobody(text: str) -> None:
    cookie = await database_sync_to_async(lambda: session_of(admin_cast.agent()))()
    desk = await opened(cookie)
    await desk.send_to(text_data=text)
    assert (await desk.receive_json_from())["type"] == "error"
    await desk.send_json_to({"type": "ping"})
    assert (await desk.receive_json_from())["type"] == "pong"
    await desk.disconnect()


async def test_origins() -> None:
    def scope(origin: str, host: str) -> dict[str, Any]:
        return {"headers": [(b"origin", origin.encode()), (b"host", host.encode())]}

    assert own_origin(scope("https://help.example", "help.example"))
    assert not own_origin(scope("https://help.example.evil", "help.example"))
    assert not own_origin(scope("https://[", "["))
    assert not own_origin({"headers": []})


async def test_an_agent_at_work_is_at_the_desk_and_a_reader_is_not() -> None:
    for person, here in ((admin_cast.agent, 1), (admin_cast.operator, 0)):
        await database_sync_to_async(Presence.objects.all().delete)()
        cookie = await database_sync_to_async(lambda who=person: session_of(who()))()
        desk = await opened(cookie)
        for values in ({}, {"active": False}, {"active": "yes"}):
            await desk.send_json_to({"type": "ping", **values})
            await until(desk, "pong")
        assert await database_sync_to_async(Presence.objects.here().count)() == 0
        await desk.send_json_to({"type": "ping", "active": True})
        await until(desk, "pong")
        assert await database_sync_to_async(Presence.objects.here().count)() == here
        await desk.disconnect()

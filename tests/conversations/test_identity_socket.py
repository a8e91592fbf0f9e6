"""The socket and a token's end: renewed on the way, closed when it is over, nothing lost."""

import asyncio
import threading
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection

from conversations.actions import desk_sorting
from conversations.actions.conversations import VisitorGone, start
from conversations.actions.identity import identify
from conversations.consumers import UNAUTHORIZED, ChatConsumer
from conversations.intake import MessageRefused, submit
from conversations.models import (
    Conversation,
    IdentityJoin,
    Message,
    VerifiedCustomer,
    VisitorToken,
)
from conversations.tokens import held_by, renewed
from knowledge.actions.defaults import ensure_defaults
from tests.conversations.identity_cast import Browser, Host

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("rung")]
T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    found: T = await database_sync_to_async(call, thread_sensitive=False)()
    return found


def begun() -> tuple[Host, Browser]:
    cache.clear()
    ensure_defaults()
    host = Host("Shop")
    return host, Browser(host).begin()


class Tab:
    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.socket = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/")

    async def open(self, token: str = "") -> dict[str, Any]:
        await self.socket.connect()
        chat, token = self.browser.id, token or self.browser.token
        await self.socket.send_json_to({"type": "hello", "token": token, "conversation": chat})
        frame: dict[str, Any] = await self.socket.receive_json_from()
        return frame

    async def until(self, kind: str) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = await self.socket.receive_json_from(timeout=5)
            if frame["type"] == kind:
                return frame

    async def closes_for_its_token(self) -> bool:
        error = await self.until("error")
        closed = await self.socket.receive_output(timeout=5)
        return bool(error["code"] == "token_expired" and closed["code"] == UNAUTHORIZED)

    async def say(self, text: str) -> str:
        client_id = str(uuid.uuid4())
        await self.socket.send_json_to({"type": "send", "client_id": client_id, "text": text})
        return client_id


async def test_a_token_whose_time_is_over_is_told_apart_from_an_unknown_one() -> None:
    _, browser = await in_thread(begun)
    past = lambda: VisitorToken.objects.update(expires_at="2020-01-01T00:00:00Z")  # noqa: E731
    await in_thread(past)
    assert (await Tab(browser).open())["code"] == "token_expired"
    assert (await Tab(browser).open("unknown"))["code"] == "unauthorized"


async def test_the_line_ends_with_the_token_and_nothing_is_lost(settings: Any) -> None:
    settings.VISITOR_TOKEN_MINUTES = 0.02
    _, browser = await in_thread(begun)
    tab = Tab(browser)
    assert (await tab.open())["type"] == "welcome"
    assert await tab.closes_for_its_token()
    client_id = str(uuid.uuid4())
    found = await in_thread(lambda: renewed(browser.renewal))
    assert found
    again = Tab(browser)
    assert (await again.open(found[1].token))["type"] == "welcome"
    await again.socket.send_json_to({"type": "send", "client_id": client_id, "text": "Kept"})
    assert (await again.until("ack"))["client_id"] == client_id


async def test_a_newer_token_on_the_open_line_keeps_it_open(settings: Any) -> None:
    settings.VISITOR_TOKEN_MINUTES = 0.03
    _, browser = await in_thread(begun)
    tab = Tab(browser)
    assert (await tab.open())["type"] == "welcome"
    settings.VISITOR_TOKEN_MINUTES = 15
    found = await in_thread(lambda: renewed(browser.renewal))
    assert found
    await tab.socket.send_json_to({"type": "token", "token": found[1].token})
    await asyncio.sleep(2)
    await tab.say("Still here")
    assert (await tab.until("ack"))["seq"] == 1
    await tab.socket.send_json_to({"type": "token", "token": "somebody else's"})
    assert (await tab.until("error"))["code"] == "unauthorized"
    await tab.say("With the token of before")
    assert (await tab.until("ack"))["seq"] == 2


async def test_lines_of_before_are_closed_when_the_customer_becomes_known() -> None:
    host, browser = await in_thread(begun)
    tab = Tab(browser)
    assert (await tab.open())["type"] == "welcome"
    await in_thread(lambda: browser.identify(host.token()))
    assert await tab.closes_for_its_token()
    assert (await Tab(browser).open())["type"] == "welcome"


async def test_a_line_of_before_writes_nothing_even_when_it_was_not_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("conversations.actions.identity.look_again_on_commit", lambda chats: None)
    host, browser = await in_thread(begun)
    tab = Tab(browser)
    assert (await tab.open())["type"] == "welcome"
    await in_thread(lambda: browser.identify(host.token()))
    frames: list[dict[str, Any]] = [
        {"type": "send", "client_id": str(uuid.uuid4()), "text": "Late"},
        {"type": "escalate"},
        {"type": "email", "email": "x@example.com"},
        {"type": "withdraw"},
        {"type": "stop", "message": str(uuid.uuid4())},
        {"type": "retry", "message": str(uuid.uuid4())},
        {"type": "feedback", "message": str(uuid.uuid4()), "rating": 1},
        {"type": "ping"},
    ]
    await tab.socket.send_json_to(frames[0])
    assert await tab.closes_for_its_token()
    assert not await in_thread(Message.objects.exists)
    for frame in frames[1:]:
        _, other = await in_thread(lambda: (None, Browser(host).begin()))
        line = Tab(other)
        assert (await line.open())["type"] == "welcome"
        await in_thread(VisitorToken.objects.all().delete)
        await line.socket.send_json_to(frame)
        assert await line.closes_for_its_token(), frame
        chat = await in_thread(lambda pk=other.id: Conversation.objects.get(pk=pk))  # type: ignore[misc]
        assert chat.owner == "bot"


async def test_another_tab_of_the_first_customer_is_closed_when_a_second_signs_in() -> None:
    host, browser = await in_thread(begun)
    await in_thread(lambda: browser.identify(host.token("a")))
    tab = Tab(browser)
    assert (await tab.open())["type"] == "welcome"
    await in_thread(lambda: browser.identify(host.token("b")))
    assert await tab.closes_for_its_token()


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    """Do all of it in threads of their own at the same time; return what went wrong."""
    problems: list[BaseException] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        gate.wait()
        try:
            act()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_twenty_at_once_make_one_customer_and_move_each_chat_once() -> None:
    host, browser = begun()
    browser.say("Hello")
    held = held_by(browser.token)
    assert at_once(*[lambda: identify(host.site, host.token(), held)] * 20) == []
    assert VerifiedCustomer.objects.count() == IdentityJoin.objects.count() == 1
    assert browser.row().visitor.verified.subject == "c-1"


def test_no_chat_is_left_behind_while_everything_happens_at_once(agent: User) -> None:
    """Chats that begin, messages and a block at the moment of becoming known; and two customers."""
    host, browser = begun()
    browser.say("Hello")
    held = held_by(browser.token)
    assert held
    chat = browser.row()
    problems = at_once(
        *[lambda: identify(host.site, host.token("a"), held)] * 4,
        *[lambda: identify(host.site, host.token("b"), held)] * 4,
        *[lambda: start(held.visitor, "192.0.2.1", host.site)] * 4,
        *[lambda: submit(chat, "More", uuid.uuid4())] * 4,
        lambda: desk_sorting.block(chat.pk, agent, "spam"),
    )
    assert [problem for problem in problems if not isinstance(problem, VisitorGone)] in (
        [],
        [problem for problem in problems if isinstance(problem, MessageRefused)],
    )
    owners = {row.visitor.verified.subject for row in Conversation.objects.all()}
    assert owners in ({"a"}, {"b"}), "all of it with one customer, and none with the stranger"
    assert not Conversation.objects.filter(visitor=held.visitor).exists()

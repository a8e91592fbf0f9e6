"""Nobody reads or changes what is another's over a socket, or by an act of the desk."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.core.cache import cache
from django.db import transaction

from conversations import consumers
from conversations.actions import desk as desk_acts
from conversations.desk import acts
from conversations.desk import consumer as desk_consumer
from conversations.intake import submit
from conversations.models import Message, Presence
from conversations.protocol import CLIENT_TYPES
from conversations.streaming import publish
from supportbot.asgi import application
from supportbot.roles import ADMINISTRATOR, AGENT, OPERATOR
from tests import admin_cast
from tests.security.sockets import ACTS, CHAT_FRAMES, DESK_FRAMES
from tests.security.stage import (
    CUSTOMER_ACCOUNT,
    DEACTIVATED,
    ELSEWHERE,
    LINKED,
    NOBODY,
    OTHER,
    OUTSIDER,
    OWNER,
    SECRET,
    SUBJECTS,
    Stage,
    all_rows,
    changed,
    of_the_chat,
    set_stage,
    writes,
)

T = TypeVar("T")
in_database = pytest.mark.django_db
over_sockets = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]
STRANGERS = (OTHER, LINKED, ELSEWHERE, NOBODY)


@pytest.fixture
def stage(rung: list[str], settings: Any) -> Stage:
    settings.VISITOR_MESSAGES_PER_MINUTE = settings.ADDRESS_MESSAGES_PER_MINUTE = 100_000
    settings.VISITOR_RINGS_PER_HOUR = 1000
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    return set_stage()


async def there(call: Callable[[], T]) -> T:
    found: T = await database_sync_to_async(call, thread_sensitive=False)()
    return found


class Socket:
    """A socket of some page."""

    def __init__(self, path: str, **headers: str) -> None:
        given = [(name.encode(), value.encode()) for name, value in headers.items()]
        self.socket = WebsocketCommunicator(application, path, headers=given)

    async def open(self) -> bool:
        connected: bool = (await self.socket.connect())[0]
        return connected

    async def say(self, **frame: Any) -> None:
        await self.socket.send_json_to(frame)

    async def until_pong(self) -> list[dict[str, Any]]:
        """Everything that comes before the answer to a ping: all that came of what was said."""
        await self.say(type="ping")
        found: list[dict[str, Any]] = []
        while True:
            output = await self.socket.receive_output(timeout=5)
            if output["type"] == "websocket.close":
                return [*found, output]
            frame = json.loads(output["text"])
            if frame["type"] == "pong":
                return found
            found.append(frame)


def chat_socket() -> Socket:
    return Socket("/ws/chat/", host="testserver")


def desk_socket(session: str) -> Socket:
    cookie = f"sessionid={session}"
    return Socket("/ws/desk/", host="testserver", origin="http://testserver", cookie=cookie)


def test_every_frame_and_every_act_has_a_row() -> None:
    assert set(CHAT_FRAMES) == set(CLIENT_TYPES) == set(consumers.HANDLERS)
    assert set(DESK_FRAMES) == set(desk_consumer.HANDLERS)
    assert set(ACTS) == set(acts.ACTS)


def own_chat(stage: Stage, subject: str) -> uuid.UUID:
    return {OTHER: stage.of_other, LINKED: stage.earlier, ELSEWHERE: stage.of_elsewhere}[subject].pk


class TestChat:
    """The chat's socket."""

    pytestmark = over_sockets

    async def test_a_chat_opens_for_its_visitor_only(self, stage: Stage) -> None:
        before = await there(all_rows)
        for subject in (*STRANGERS, "staff"):
            socket = chat_socket()
            assert await socket.open()
            for kind in CHAT_FRAMES:
                if kind == "hello":
                    continue
                early = chat_socket()
                await early.open()
                await early.say(type=kind, conversation=str(stage.chat.pk), text="x")
                said = await early.socket.receive_json_from(timeout=5)
                assert said["code"] == "no_hello", kind
            token = stage.tokens.get(subject, "")
            await socket.say(type="hello", token=token, conversation=str(stage.chat.pk))
            said = await socket.socket.receive_json_from(timeout=5)
            closed = await socket.socket.receive_output(timeout=5)
            assert (said["code"], closed["code"]) == ("unauthorized", 4401), subject
            assert SECRET not in repr(said)
        assert changed(before, await there(all_rows)) == []
        mine = chat_socket()
        await mine.open()
        await mine.say(type="hello", token=stage.tokens[OWNER], conversation=str(stage.chat.pk))
        assert SECRET in repr(await mine.until_pong()), "the owner sees it"

    @pytest.mark.parametrize("subject", [OTHER, LINKED, ELSEWHERE])
    async def test_no_frame_reaches_into_another_chat(self, stage: Stage, subject: str) -> None:
        own = own_chat(stage, subject)
        before = await there(lambda: of_the_chat(stage))
        socket = chat_socket()
        await socket.open()
        await socket.say(type="hello", token=stage.tokens[subject], conversation=str(own))
        assert SECRET not in repr(await socket.until_pong())
        for kind, row in CHAT_FRAMES.items():
            if kind == "hello":
                continue
            ids = {name: str(getattr(stage, thing).pk) for name, thing in row.things.items()}
            # An id of the chat as well, should anybody ever begin to read it.
            frame = {"conversation": str(stage.chat.pk), **row.fields, **ids}
            if kind != "ping":  # That one is said to hear the end of what the others bring.
                await socket.say(type=kind, **frame)
            said = await socket.until_pong()
            assert SECRET not in repr(said), kind
            codes = [one["code"] for one in said if one["type"] == "error"]
            assert not row.error or codes == [row.error], kind
        assert await there(lambda: of_the_chat(stage)) == before
        # Nor does it hear what happens there.
        publish(stage.chat.pk, {"type": "message", "text": SECRET})
        assert SECRET not in repr(await socket.until_pong())
        await socket.say(type="hello", token=stage.tokens[subject], conversation=str(stage.chat.pk))
        assert SECRET not in repr(await socket.until_pong()), "a second hello"

    async def test_an_id_of_anothers_message_is_no_id_of_mine(self, stage: Stage) -> None:
        """The id that the owner's browser made, sent in another chat, is a new message there."""
        made = await there(lambda: Message.objects.get(pk=stage.open_question.pk).client_msg_id)
        socket = chat_socket()
        await socket.open()
        hello = {"token": stage.tokens[OTHER], "conversation": str(stage.of_other.pk)}
        await socket.say(type="hello", **hello, last_seq=9)
        await socket.until_pong()
        await socket.say(type="send", client_id=str(made), text="Mine")
        said = await socket.until_pong()
        assert [one["type"] for one in said if one["type"] != "message"] == ["ack"]
        assert SECRET not in repr(said)


class TestDesk:
    """The desk's socket."""

    pytestmark = over_sockets

    async def test_it_opens_for_the_roles_only(self, stage: Stage) -> None:
        refused = (NOBODY, OTHER, CUSTOMER_ACCOUNT, OUTSIDER, DEACTIVATED)
        sessions = await there(lambda: [stage.session(subject) for subject in refused])
        before = await there(all_rows)
        for session in sessions:
            await self._closes(desk_socket(session), stage)
        assert changed(before, await there(all_rows)) == []

    async def _closes(self, socket: Socket, stage: Stage) -> None:
        await socket.open()
        for kind in DESK_FRAMES:
            await socket.say(type=kind, act="take", conversation=str(stage.chat.pk), active=True)
        said: list[dict[str, Any]] = []
        while not said or said[-1]["type"] != "websocket.close":
            said.append(await socket.socket.receive_output(timeout=5))
        assert said[-1]["code"] == 4403
        assert len(said) == 1, "nothing but the end"

    async def test_an_operator_looks_and_does_nothing(self, stage: Stage) -> None:
        socket = desk_socket(await there(lambda: stage.session(OPERATOR)))
        before = await there(all_rows)
        mine = chat_socket()
        await mine.open()
        await mine.say(type="hello", token=stage.tokens[OWNER], conversation=str(stage.chat.pk))
        await mine.until_pong()
        await socket.open()
        pk = str(stage.chat.pk)
        await socket.say(type="watch", conversation=pk)
        await socket.say(type="typing")
        await socket.say(type="ping", active=True)
        await socket.until_pong()
        for name, row in ACTS.items():
            if OPERATOR not in row.may:
                await socket.say(type="act", id=name, act=name, **values_of(row, stage))
        said = await socket.until_pong()
        said += await socket.until_pong()
        results = {one["id"]: one["code"] for one in said if one["type"] == "result"}
        assert set(results.values()) == {"forbidden"}
        assert set(results) == {name for name, row in ACTS.items() if OPERATOR not in row.may}
        assert changed(before, await there(all_rows)) == []
        mine_alone = Presence.objects.filter(user=stage.people[OPERATOR])
        assert not await there(mine_alone.exists)
        assert [one["type"] for one in await mine.until_pong()] == []

    @pytest.mark.parametrize("how", ["deactivated", "role taken"])
    async def test_rights_that_end_end_at_once(self, stage: Stage, how: str) -> None:
        agent = stage.people[AGENT]
        socket = desk_socket(await there(lambda: stage.session(AGENT)))
        await socket.open()

        def end() -> None:
            if how == "deactivated":
                type(agent).objects.filter(pk=agent.pk).update(is_active=False)
            else:
                agent.groups.clear()

        await there(end)
        before = await there(all_rows)
        await socket.say(type="act", act="resolve", conversation=str(stage.chat.pk))
        said = await socket.until_pong()
        assert said[-1]["type"] == "websocket.close"
        assert SECRET not in repr(said)
        assert changed(before, await there(all_rows)) == []


def values_of(row: Any, stage: Stage) -> dict[str, Any]:
    values: dict[str, Any] = row.fields(stage)
    if values.get("other") == "OTHER":
        values["other"] = str(stage.of_other.pk)
    if values.get("to") == "AGENT":
        values["to"] = stage.people[AGENT].pk
    return values


@in_database
@pytest.mark.parametrize("subject", SUBJECTS)
def test_acts_are_for_the_roles_that_may(stage: Stage, subject: str) -> None:
    """Through the page's own address; the socket comes through the same function."""
    client, wrong = stage.client(subject), []
    for name, row in ACTS.items():
        with transaction.atomic(), writes() as written:
            if subject == ADMINISTRATOR and row.thing == "chat":
                # What a colleague holds is taken over first; the agent has it.
                desk_acts.take(stage.chat.pk, stage.people[ADMINISTRATOR], stage.people[AGENT].pk)
                written.clear()
            body = {"act": name, **values_of(row, stage)}
            response = client.post("/admin/desk/act/", body, content_type="application/json")
            transaction.set_rollback(True)
        if subject in row.may:
            mine = row.thing != "reply" or subject == AGENT
            wanted = {200} if mine else {409}
            right = response.status_code in wanted or not row.ready
        else:
            right = response.status_code in (302, 403) and not written
            right = right and SECRET not in response.content.decode()
        if not right:
            wrong.append((name, response.status_code, response.content[:200], written))
    assert wrong == []


@in_database
def test_a_colleagues_reply_and_chat_are_the_colleagues(stage: Stage) -> None:
    colleague = admin_cast.person("bea", AGENT)
    client = admin_cast.signed_in(colleague)
    before = all_rows()
    for name in ("take", "reply", "edit", "withdraw", "hand_back", "snooze", "resolve"):
        body = {"act": name, **values_of(ACTS[name], stage)}
        response = client.post("/admin/desk/act/", body, content_type="application/json")
        assert response.status_code == 409, name
        assert SECRET not in response.content.decode(), name
    # What is named in the plural is refused one by one.
    body = {"act": "resolve", "conversations": [str(stage.chat.pk)]}
    response = client.post("/admin/desk/act/", body, content_type="application/json")
    assert response.json()["done"] == 0
    assert changed(before, all_rows()) == []


@in_database
def test_an_act_on_what_is_not_there_changes_nothing(stage: Stage) -> None:
    client, before = stage.client(AGENT), all_rows()
    for name, row in ACTS.items():
        if row.thing == "self":
            continue
        values = {**values_of(row, stage), "conversation": str(uuid.uuid4())}
        values |= {"message": str(uuid.uuid4()), "conversations": [str(uuid.uuid4())]}
        body = {"act": name, **values}
        response = client.post("/admin/desk/act/", body, content_type="application/json")
        refused = response.status_code in (403, 404, 409)
        assert refused or response.json()["done"] == 0, (name, response.content)
    assert changed(before, all_rows()) == []


@in_database
def test_the_stage_holds_the_secret_where_the_matrix_looks(stage: Stage) -> None:
    """Otherwise its absence would say nothing."""
    page = stage.client(AGENT).get(f"/admin/desk/{stage.chat.pk}/").content.decode()
    assert page.count(SECRET) > 5
    assert submit(stage.chat, "more", uuid.uuid4()).created

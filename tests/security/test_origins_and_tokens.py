"""What comes from a wrong page or with a wrong token is refused and logged, without the token."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as django_settings
from django.core import signing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from conversations.tokens import REOPEN_DAYS, hash_of, reopening_token
from supportbot.asgi import application
from supportbot.roles import AGENT
from tests.security.stage import (
    ELSEWHERE,
    OTHER,
    OWNER,
    SECRET,
    Stage,
    all_rows,
    changed,
    set_stage,
    writes,
)
from tests.security.test_sockets import chat_socket, there

WRONG_ORIGINS = {
    "another host": "https://evil.example",
    "null": "null",
    "empty": "",
    "our host as a beginning": "http://testserver.evil.example",
    "our host as a user": "http://testserver@evil.example",
    "a file": "file://",
    "an extension": "chrome-extension://abcdefghijklmnop",
    "no address": "http://[::1",
}


def old_link(stage: Stage) -> str:
    signer = signing.TimestampSigner(salt="conversations.reopen")
    made = timezone.now() - timedelta(days=REOPEN_DAYS, minutes=5)
    signer.timestamp = lambda: signing.b62_encode(int(made.timestamp()))  # type: ignore[method-assign]
    return str(signer.sign_object(str(stage.chat.pk)))


WRONG_TOKENS: dict[str, tuple[str, Callable[[Stage], str]]] = {
    "of nobody": ("unknown", lambda stage: "x" * 43),
    "cut": ("unknown", lambda stage: stage.tokens[OWNER][:-1]),
    "longer": ("unknown", lambda stage: stage.tokens[OWNER] + "A"),
    "its case changed": ("unknown", lambda stage: stage.tokens[OWNER].swapcase()),
    "its hash": ("unknown", lambda stage: hash_of(stage.tokens[OWNER])),
    "the chat's id": ("unknown", lambda stage: str(stage.chat.pk)),
    "the word null": ("unknown", lambda stage: "null"),
    "oversized": ("malformed", lambda stage: stage.tokens[OWNER] + "A" * 60_000),
    "not ascii": ("malformed", lambda stage: stage.tokens[OWNER][:-1] + "é"),
    "a link, cut": ("tampered", lambda stage: reopening_token(stage.chat.pk)[:-1]),
    "a link, changed": (
        "tampered",
        lambda stage: "A" + reopening_token(stage.chat.pk)[1:],
    ),
    "a link, oversized": ("malformed", lambda stage: ":" + "A" * 60_000),
    "a link, expired": ("expired", old_link),
    "a link, with a key of somebody else's": (
        "tampered",
        lambda stage: signing.dumps(str(stage.chat.pk), salt="conversations.reopen", key="k"),
    ),
    "a link, for another purpose": (
        "tampered",
        lambda stage: signing.dumps(str(stage.chat.pk), salt="sessions"),
    ),
    "a link, to no chat": ("its chat is gone", lambda stage: reopening_token(uuid.uuid4())),
    "a link, to something else": (
        "tampered",
        lambda stage: signing.dumps({"chat": 1}, salt="conversations.reopen"),
    ),
}


@pytest.fixture
def stage(rung: list[str], settings: Any) -> Stage:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    return set_stage()


def said_of(caplog: pytest.LogCaptureFixture, event: str) -> list[Any]:
    """The lines of an event; with everything else that was logged, they hold nothing secret."""
    return [record for record in caplog.records if record.message == event]


def assert_nothing_secret(caplog: pytest.LogCaptureFixture, *secrets: str) -> None:
    lines = repr([vars(record) for record in caplog.records])
    for secret in (SECRET, *secrets):
        assert secret not in lines


@pytest.mark.django_db
@pytest.mark.parametrize("kind", WRONG_TOKENS)
def test_a_wrong_token_opens_nothing_over_http(
    stage: Stage, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    why, make = WRONG_TOKENS[kind]
    token, path = make(stage), f"/api/v1/conversations/{stage.chat.pk}/"
    client, caplog_level = Client(headers={"Authorization": f"Bearer {token}"}), logging.WARNING
    with caplog.at_level(caplog_level), writes() as written:
        answers = [
            client.get(path),
            client.get(f"{path}messages/"),
            client.get(f"{path}transcript/"),
            client.delete(path),
            client.post("/api/v1/conversations/", {}, "application/json"),
            client.get("/api/v1/conversations/"),
        ]
    assert [one.status_code for one in answers] == [401] * len(answers)
    assert written == []
    assert {record.why for record in said_of(caplog, "token.refused")} == {why}
    assert_nothing_secret(
        caplog, token if len(token) > 10 and token != str(stage.chat.pk) else SECRET
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic {token}", "{token}", "Token {token}"]
)
def test_without_a_bearers_token_there_is_nothing(stage: Stage, header: str) -> None:
    given = {"Authorization": header.format(token=stage.tokens[OWNER])} if header else {}
    path = f"/api/v1/conversations/{stage.chat.pk}/"
    for name in ("", "messages/", "transcript/"):
        assert Client(headers=given).get(path + name).status_code == 401
    # Nor does a token in the address count, where it would end up in logs.
    assert Client().get(f"{path}?token={stage.tokens[OWNER]}").status_code == 401


@pytest.mark.django_db(transaction=True)
async def test_a_wrong_token_opens_no_socket(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    before = await there(all_rows)
    tokens = await there(lambda: {kind: make(stage) for kind, (_, make) in WRONG_TOKENS.items()})
    with caplog.at_level(logging.WARNING):
        for kind, (why, _) in WRONG_TOKENS.items():
            caplog.clear()
            socket = chat_socket()
            await socket.open()
            token, pk = tokens[kind], str(stage.chat.pk)
            await socket.say(type="hello", token=token, conversation=pk)
            said = await socket.socket.receive_json_from(timeout=5)
            closed = await socket.socket.receive_output(timeout=5)
            assert (said["code"], closed["code"]) == ("unauthorized", 4401), kind
            assert {one.why for one in said_of(caplog, "token.refused")} == {why}, kind
            assert_nothing_secret(caplog, token if len(token) > 10 and token != pk else SECRET)
    assert changed(before, await there(all_rows)) == []


@pytest.mark.django_db(transaction=True)
async def test_a_chat_of_somebody_else_is_logged(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for subject in (OTHER, ELSEWHERE):
        socket, token = chat_socket(), stage.tokens[subject]
        await socket.open()
        caplog.clear()
        with caplog.at_level(logging.WARNING):
            await socket.say(type="hello", token=token, conversation=str(stage.chat.pk))
            assert (await socket.socket.receive_json_from(timeout=5))["code"] == "unauthorized"
        refused = said_of(caplog, "chat.refused")
        assert [one.conversation for one in refused] == [str(stage.chat.pk)]
        assert_nothing_secret(caplog, token)


NO_HELLOS: list[dict[str, Any]] = [
    {"token": None},
    {"token": ["a"]},
    {"token": {"a": 1}},
    {"token": "\ud800"},
    {"token": "a\0b"},
    {"conversation": "\ud800"},
    {"conversation": 5},
    {"last_seq": "x"},
    {"last_seq": 2**40},
]


@pytest.mark.django_db(transaction=True)
async def test_a_hello_that_is_no_hello_hurts_nobody(stage: Stage) -> None:
    hello = {"type": "hello", "token": stage.tokens[OWNER], "conversation": str(stage.chat.pk)}
    for fields in NO_HELLOS:
        socket = chat_socket()
        await socket.open()
        await socket.say(**{**hello, **fields})
        said = await socket.socket.receive_json_from(timeout=5)
        assert said["type"] == "error", fields
        assert said["code"] in ("bad_frame", "unauthorized"), fields


@pytest.mark.django_db
@pytest.mark.parametrize("origin", WRONG_ORIGINS.values(), ids=WRONG_ORIGINS)
def test_pages_of_others_do_nothing_over_http(
    stage: Stage, caplog: pytest.LogCaptureFixture, origin: str
) -> None:
    token = stage.tokens[OWNER]
    client = Client(headers={"Authorization": f"Bearer {token}", "Origin": origin})
    path = f"/api/v1/conversations/{stage.chat.pk}/"
    with caplog.at_level(logging.WARNING), writes() as written:
        answers = [
            client.get(path),
            client.delete(path),
            client.options(path),
            client.post(f"{path}messages/", {"text": "x"}, "application/json"),
            Client(headers={"Origin": origin}).post("/api/v1/conversations/", b"", "text/plain"),
        ]
    assert [one.status_code for one in answers] == [403] * len(answers)
    assert {one.json()["code"] for one in answers} == {"bad_origin"}
    assert [
        one["Access-Control-Allow-Origin"]
        for one in answers
        if one.has_header("Access-Control-Allow-Origin")
    ] == []  # noqa: E501
    assert written == []
    assert len(said_of(caplog, "api.origin_refused")) == len(answers)
    assert_nothing_secret(caplog, token)


@pytest.mark.django_db
@pytest.mark.parametrize("origin", ["http://testserver", None])
def test_our_own_pages_and_programs_may(stage: Stage, origin: str | None) -> None:
    headers = {"Authorization": f"Bearer {stage.tokens[OWNER]}"}
    client = Client(headers={**headers, **({"Origin": origin} if origin else {})})
    body = {"text": "x", "client_id": str(uuid.uuid4())}
    path = f"/api/v1/conversations/{stage.chat.pk}/messages/"
    assert client.post(path, body, "application/json").status_code == 201


@pytest.mark.django_db
def test_a_page_elsewhere_does_nothing_with_the_staffs_session(stage: Stage) -> None:
    """Their cookie goes along with a request that another page makes: its token is missing."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(stage.people[AGENT])
    with writes() as written:
        for origin in ("https://evil.example", "null", ""):
            headers = {"Origin": origin} if origin else {}
            for address in (
                "/admin/desk/act/",
                f"/admin/conversations/conversation/{stage.chat.pk}/act/",
                f"/api/v1/documents/{stage.document.pk}/withdraw/",
                "/admin/conversations/escalation/presence/",
            ):
                body = {"act": "resolve", "action": "take", "conversation": str(stage.chat.pk)}
                for kind in ("application/json", "text/plain"):
                    answer = client.post(address, body, kind, headers=headers)
                    assert answer.status_code == 403, (address, origin)
    assert written == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/ws/chat/", "/ws/desk/"])
async def test_pages_of_others_open_no_socket(
    stage: Stage, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    session = await there(lambda: stage.session(AGENT))
    cookie = f"{django_settings.SESSION_COOKIE_NAME}={session}".encode()
    with caplog.at_level(logging.WARNING):
        for name, origin in WRONG_ORIGINS.items():
            caplog.clear()
            headers = [(b"host", b"testserver"), (b"origin", origin.encode()), (b"cookie", cookie)]
            socket = WebsocketCommunicator(application, path, headers=headers)
            assert not (await socket.connect())[0], name
            refused = said_of(caplog, "socket.origin_refused")
            assert [one.origin for one in refused] == [origin], name
            assert_nothing_secret(caplog, session)
    # A program has no origin: to the chat it shows a token, at the desk it has nothing to look for.
    bare = WebsocketCommunicator(application, path, headers=[(b"host", b"t"), (b"cookie", cookie)])
    assert (await bare.connect())[0] is (path == "/ws/chat/")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "site_unknown0000", "x" * 5000, "é\u202e", "' OR 1=1 --"])
def test_a_wrong_sites_key_begins_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture, key: str
) -> None:
    token = stage.tokens[OWNER]
    client, body = Client(headers={"Authorization": f"Bearer {token}"}), {"site": key}
    with caplog.at_level(logging.WARNING), writes() as written:
        mine = client.post("/api/v1/conversations/", body, "application/json")
        script = Client().get("/widget.js", {"key": key or "none"}).content.decode()
        frame = Client().get("/widget/none")
    assert mine.status_code in (400, 403)
    assert written == []
    assert "attachShadow" not in script
    assert frame.status_code == 404
    assert len(said_of(caplog, "site.refused")) >= 2
    assert_nothing_secret(caplog, token, key if len(key) > 9 else SECRET)


@pytest.mark.django_db
def test_a_token_of_one_site_is_nothing_on_another(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    client = Client(headers={"Authorization": f"Bearer {stage.tokens[ELSEWHERE]}"})
    with caplog.at_level(logging.WARNING), writes() as written:
        body = {"site": stage.site.key}
        begun = client.post("/api/v1/conversations/", body, "application/json")
    assert (begun.status_code, begun.json()["code"]) == (403, "other_site")
    assert written == []
    assert len(said_of(caplog, "site.refused")) == 1
    assert_nothing_secret(caplog, stage.tokens[ELSEWHERE], stage.site.key)


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", "Bearer é"])
def test_the_index_answers_to_nobody(stage: Stage, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    call = {"generation": 1, "method": "delete", "arguments": {}}
    answer = Client(headers=headers).post("/internal/vector-store", call, "application/json")
    assert answer.status_code == 404

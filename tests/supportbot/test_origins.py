"""Only our own pages, and programs, may open a socket."""

from typing import Any

import pytest

from supportbot.origins import OriginCheck, allowed


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.com", "127.0.0.1", "[::1]"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://www.example.org"]


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://chat.example.com", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("https://www.example.org", True),
        ("https://evil.example.org", False),
        ("https://chat.example.com.evil.org", False),
        ("http://www.example.org", False),
        ("null", False),
        ("", False),
        ("http://[::1", False),
    ],
)
def test_a_page_may_connect_when_its_host_is_ours(origin: str, may: bool) -> None:
    assert allowed(origin) is may


async def connect(headers: list[tuple[bytes, bytes]]) -> list[str]:
    happened: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        happened.append("accepted")

    events = iter(["websocket.connect", "websocket.disconnect"])

    async def receive() -> dict[str, Any]:
        return {"type": next(events), "code": 1000}

    async def send(event: dict[str, Any]) -> None:
        happened.append(event["type"])

    scope = {"type": "websocket", "path": "/ws/chat/", "headers": headers}
    await OriginCheck(application)(scope, receive, send)
    return happened


# Channels closes old connections at the end of a socket, of tests that ran before too.
@pytest.mark.django_db
async def test_a_foreign_page_is_closed_before_the_chat_sees_it() -> None:
    assert await connect([(b"origin", b"https://evil.example.org")]) == ["websocket.close"]


async def test_a_program_without_origin_may_connect() -> None:
    assert await connect([]) == ["accepted"]

"""A visitor's request that is too large ends before anything of it is kept."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import LazySettings

from supportbot.body_limit import AROUND_BYTES, BodyLimit

FILES = "/api/v1/conversations/0/attachments/"


class Server:
    """Stands for Django: reads the whole body."""

    def __init__(self) -> None:
        self.read = 0
        self.disconnected = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnected = True
                return
            self.read += len(message["body"])
            if not message.get("more_body"):
                return


def ask(path: str, chunks: list[bytes], announced: int | None) -> tuple[Server, list[Any]]:
    server, sent = Server(), []
    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    waiting = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks) - 1}
        for number, chunk in enumerate(chunks)
    ]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(BodyLimit(server)(scope, receive, send))
    return server, sent


@pytest.fixture(autouse=True)
def _one_megabyte(settings: LazySettings) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024


def test_what_is_announced_too_large_is_not_read() -> None:
    server, sent = ask(FILES, [b"x"], 1024 * 1024 + AROUND_BYTES + 1)
    assert server.read == 0
    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["code"] == "file_too_large"


def test_what_becomes_too_large_ends() -> None:
    server, _ = ask(FILES, [b"x" * 1024 * 1024] * 3, None)
    assert server.disconnected
    assert server.read == 1024 * 1024


def test_the_rest_goes_through() -> None:
    server, sent = ask(FILES, [b"x" * 1024, b"y"], 1025)
    assert (server.read, server.disconnected, sent) == (1025, False, [])
    # Staff upload documents, with a limit of their own.
    server, sent = ask("/api/v1/documents/", [b"x" * 3 * 1024 * 1024], 3 * 1024 * 1024)
    assert (server.read, sent) == (3 * 1024 * 1024, [])

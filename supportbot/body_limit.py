"""Ends requests of visitors whose body is larger than anything they may send.

Django writes a whole body to the disk before a view sees the request; so this stands before it.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

from conversations import texts

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Any, Any], Awaitable[None]]
# Addresses that anybody may send to. Staff upload documents elsewhere.
PREFIXES = ("/api/v1/conversations/", "/api/v1/messages/")
# What stands around a file in a request, and the whole of any other one.
AROUND_BYTES = 512 * 1024


class BodyLimit:
    """Answers 413 as soon as it is known that a body is too large."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what comes, whatever was announced."""
        if not scope["path"].startswith(PREFIXES):
            await self.application(scope, receive, send)
            return
        limit = settings.ATTACHMENT_MAX_BYTES + AROUND_BYTES
        if _announced(scope) > limit:
            await _refuse(send)
            return
        came = 0

        async def counted() -> dict[str, Any]:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            # For Django the client has gone: it drops what it has and answers nothing.
            return {"type": "http.disconnect"} if came > limit else message

        await self.application(scope, counted, send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(send: Send) -> None:
    limit = settings.ATTACHMENT_MAX_BYTES // (1024 * 1024)
    body = {"code": "file_too_large", "text": texts.error("file_too_large", limit=limit)}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})

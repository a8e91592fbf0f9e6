"""The agents' socket: says what changed, carries acts and "somebody is replying".

It is opened with the session's cookie, so the page's origin must be the server's own, and the
session and the permission are looked up again for each frame.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.http import HttpRequest

from conversations.actions.escalations import name_of
from conversations.consumers import FLOOD_FRAMES, FLOOD_SECONDS, TRY_AGAIN
from conversations.desk.acts import MAY_ANSWER, MAY_READ, perform
from conversations.models import Conversation, Presence
from conversations.storing import in_database
from conversations.streaming import DESK, group_of, staff_group_of
from conversations.typing_signs import agent_types

logger = logging.getLogger(__name__)
FORBIDDEN, FLOODED, TOO_LARGE = 4403, 4429, 1009
MAX_FRAME_BYTES = 256 * 1024
# Without a frame for so long the session is looked up again, as after a sign-out elsewhere.
SESSION_CHECK_SECONDS = 30.0
Values = dict[str, Any]


class DeskConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One open desk."""

    watched: uuid.UUID | None = None
    _checking: asyncio.Task[None] | None = None
    _window_started = 0.0
    _window_frames = 0

    async def connect(self) -> None:
        """Let in who is signed in and may read conversations, from our own page only."""
        if not own_origin(self.scope):
            logger.warning("desk.origin_refused", extra={"origin": _origin(self.scope)[:200]})
            await self.close(FORBIDDEN)
            return
        await self.accept()
        if await self._user() is None:
            await self.close(FORBIDDEN)
            return
        await self.channel_layer.group_add(DESK, self.channel_name)
        self._checking = asyncio.ensure_future(self._keep_checking())
        await self.send_frame({"type": "welcome"})

    async def disconnect(self, code: int) -> None:
        """Leave all groups."""
        if self._checking:
            self._checking.cancel()
        await self.channel_layer.group_discard(DESK, self.channel_name)
        await self._unwatch()

    async def dispatch(self, message: Values) -> None:
        """Hand live frames straight to the browser, none of a conversation it has left."""
        if message["type"] in ("chat.frame", "desk.frame"):
            if message.get("from") != self.channel_name and self._listens(message.get("group", "")):
                await self.base_send({"type": "websocket.send", "text": message["text"]})
        elif message["type"] == "chat.close":
            await self.close(1012)
        elif message["type"] != "chat.look_again":  # About customers' tokens.
            await super().dispatch(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Carry out one frame for who is signed in now."""
        if self._floods() or text_data is None or len(text_data) > MAX_FRAME_BYTES:
            await self.close(TOO_LARGE if text_data else FLOODED)
            return
        try:
            values = json.loads(text_data)
        except (ValueError, RecursionError):
            values = None
        kind = values.get("type") if isinstance(values, dict) else None
        handler = HANDLERS.get(kind) if isinstance(kind, str) else None
        if handler is None:
            await self.send_frame({"type": "error", "code": "bad_frame"})
            return
        try:
            agent = await self._user()
            if agent is None:
                await self.close(FORBIDDEN)
                return
            await handler(self, agent, values)
        except DatabaseError:
            logger.exception("desk.database")
            await self.close(TRY_AGAIN)

    async def send_frame(self, frame: Values) -> None:
        """Send one frame to this browser."""
        await self.send(text_data=json.dumps(frame, ensure_ascii=False))

    async def act(self, agent: User, values: Values) -> None:
        """Do an act and say how it went, under the id that the browser gave it."""
        name = values.get("act")
        result = await in_database(perform)(agent, name if isinstance(name, str) else "", values)
        await self.send_frame({"type": "result", "id": values.get("id"), **result})

    async def watch(self, agent: User, values: Values) -> None:
        """Send this conversation's frames from now on; without one, none."""
        await self._unwatch()
        pk = _uuid(values.get("conversation"))
        if pk is None or not await in_database(_exists)(pk):
            return
        self.watched = pk
        await self.channel_layer.group_add(group_of(pk), self.channel_name)
        await self.channel_layer.group_add(staff_group_of(pk), self.channel_name)
        await self.send_frame({"type": "watching", "conversation": str(pk)})

    async def typing(self, agent: User, values: Values) -> None:
        """Tell colleagues who replies, and the customer when this agent has the conversation."""
        if self.watched is None or not await in_database(agent.has_perm)(MAY_ANSWER):
            return
        frame = {
            "type": "replying",
            "conversation": str(self.watched),
            "who": name_of(agent),
            "by": agent.pk,
        }
        await self._tell(staff_group_of(self.watched), frame)
        if await in_database(_has)(self.watched, agent.pk):
            await in_database(agent_types)(self.watched)
            await self._tell(group_of(self.watched), {"type": "typing", "who": "agent"})

    async def ping(self, agent: User, values: Values) -> None:
        """Show that the line is alive, and note whether the agent is at the desk."""
        if values.get("active") is True and await in_database(agent.has_perm)(MAY_ANSWER):
            await in_database(Presence.beat)(agent.pk)
        await self.send_frame({"type": "pong"})

    async def _tell(self, group: str, frame: Values) -> None:
        text = json.dumps(frame, ensure_ascii=False)
        # Customers' sockets know chat.frame only; who sent it ignores its own at the other end.
        kind = "desk.frame" if group.endswith(".staff") else "chat.frame"
        event = {"type": kind, "text": text, "group": group, "from": self.channel_name}
        await self.channel_layer.group_send(group, event)

    def _listens(self, group: str) -> bool:
        # What was queued before the browser turned to another conversation comes after it.
        own = (group_of(self.watched), staff_group_of(self.watched)) if self.watched else ()
        return group == DESK or group in own

    async def _unwatch(self) -> None:
        if self.watched is not None:
            for group in (group_of(self.watched), staff_group_of(self.watched)):
                await self.channel_layer.group_discard(group, self.channel_name)
        self.watched = None

    async def _user(self) -> User | None:
        key = self.scope.get("cookies", {}).get(settings.SESSION_COOKIE_NAME, "")
        return await in_database(reader_of_session)(key)

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(SESSION_CHECK_SECONDS)
            if await self._user() is None:
                await self.close(FORBIDDEN)
                return

    def _floods(self) -> bool:
        now = time.monotonic()
        if now - self._window_started > FLOOD_SECONDS:
            self._window_started, self._window_frames = now, 0
        self._window_frames += 1
        return self._window_frames > FLOOD_FRAMES


HANDLERS: dict[str, Callable[[DeskConsumer, User, Values], Awaitable[None]]] = {
    "act": DeskConsumer.act,
    "watch": DeskConsumer.watch,
    "typing": DeskConsumer.typing,
    "ping": DeskConsumer.ping,
}


def own_origin(scope: Any) -> bool:
    """Say whether a socket comes from a page of this very server, or of a trusted origin."""
    origin = _origin(scope)
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    return bool(host) and host.lower() == _header(scope, b"host").lower()


def _origin(scope: Any) -> str:
    return _header(scope, b"origin").rstrip("/")


def _header(scope: Any, wanted: bytes) -> str:
    named = {name.lower(): value for name, value in scope.get("headers", [])}
    value: bytes = named.get(wanted, b"")
    return value.decode("latin-1")


def reader_of_session(key: str) -> User | None:
    """Return the active member of staff of a session who may read conversations, or None."""
    if not key:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user = get_user(request)
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return None
    return user if user.has_perm(MAY_READ) else None


def _uuid(value: Any) -> uuid.UUID | None:
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _exists(pk: uuid.UUID) -> bool:
    return Conversation.objects.filter(pk=pk).exists()


def _has(pk: uuid.UUID, agent_id: int) -> bool:
    return Conversation.objects.filter(pk=pk, agent=agent_id).exists()

"""The visitor's socket: parse, authenticate, call intake and actions. No decisions here."""

from __future__ import annotations

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Concatenate, ParamSpec, TypeVar

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from conversations import limits, texts
from conversations.actions import escalations, feedback, handoffs, messages
from conversations.actions.desk_sorting import VisitorBlocked, refuse_blocked
from conversations.actions.handoffs import EmailRefused, TooManyRings
from conversations.actions.visits import note_language
from conversations.intake import MessageRefused
from conversations.limits import OverLimit
from conversations.models import Conversation, Message, ServiceState
from conversations.ownership import TransitionRefused
from conversations.protocol import (
    BadFrame,
    ClientFrame,
    Frame,
    banner_frame,
    error_frame,
    message_frame,
    owner_frame,
    read_frame,
    ring_error,
    with_files,
)
from conversations.running import running_answers
from conversations.socket_access import TokenEnded, by_id, let_in, only_look, with_token
from conversations.storing import in_database, stored
from conversations.streaming import EVERYBODY, group_of
from observability.tracing import start_trace

logger = logging.getLogger(__name__)
HELLO_SECONDS = 5.0
# Frames of any kind from one socket within ten seconds; people send far fewer.
FLOOD_FRAMES = 100
FLOOD_SECONDS = 10.0
UNAUTHORIZED, NO_HELLO, TOO_LARGE, FLOODED, TRY_AGAIN = 4401, 4408, 1009, 4429, 1011
BACKLOG_ROWS = 500


P = ParamSpec("P")
T = TypeVar("T")


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One browser tab."""

    conversation: Conversation | None = None
    token = ""
    address = ""
    _hello_timer: asyncio.TimerHandle | None = None
    _token_timer: asyncio.TimerHandle | None = None
    _window_started = 0.0
    _window_frames = 0

    async def connect(self) -> None:
        """Accept, and wait a moment for the hello."""
        await self.accept()
        self.address = self._client_address()
        loop = asyncio.get_running_loop()
        self._hello_timer = loop.call_later(HELLO_SECONDS, self._no_hello)

    async def disconnect(self, code: int) -> None:
        """Leave the conversation's group."""
        for timer in (self._hello_timer, self._token_timer):
            if timer:
                timer.cancel()
        if self.conversation is not None:
            await self.channel_layer.group_discard(self._group(), self.channel_name)
            await self.channel_layer.group_discard(EVERYBODY, self.channel_name)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Hand live frames straight to the browser: no thread hop for each token."""
        if message["type"] == "chat.frame":
            await self.base_send({"type": "websocket.send", "text": message["text"]})
        elif message["type"] == "chat.close":
            await self.close(1012)
        elif message["type"] == "chat.look_again":
            await self._look_again()
        else:
            await super().dispatch(message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Carry out one frame; a bad one gets an error and hurts nobody else."""
        start_trace()
        try:
            self._count_frame()
            frame = read_frame(text_data)
            if self.conversation is None and frame.type != "hello":
                raise BadFrame("no_hello")
            await HANDLERS[frame.type](self, frame)
        except BadFrame as bad:
            await self.send_frame(error_frame(bad.code))
            if bad.code in ("too_large", "no_hello"):
                await self.close(TOO_LARGE if bad.code == "too_large" else NO_HELLO)
        except TokenEnded:
            await self._end_for_token()
        except DatabaseError:
            logger.exception("socket.database")
            await self.send_frame(error_frame("unavailable"))
            await self.close(TRY_AGAIN)

    async def send_frame(self, frame: Frame) -> None:
        """Send one frame to this browser."""
        await self.send(text_data=json.dumps(frame, ensure_ascii=False))

    async def hello(self, frame: ClientFrame) -> None:
        """Let a visitor in: join the group first, then the rows, then live frames."""
        if self._hello_timer:
            self._hello_timer.cancel()
        token = frame.text("token")
        opened = await in_database(let_in)(token, frame.text("conversation"))
        found = opened.conversation
        if found is None:
            await self.send_frame(error_frame(opened.error))
            await self.close(UNAUTHORIZED)
            return
        self.conversation, self.token = found, token
        self._end_after(opened.seconds_left)
        await in_database(note_language)(found, frame.text("language"))
        await self.channel_layer.group_add(self._group(), self.channel_name)
        await self.channel_layer.group_add(EVERYBODY, self.channel_name)
        seen = in_database(_rows_after)
        rows, welcome, banner = await seen(found.pk, frame.number("last_seq"))
        await self.send_frame(welcome)
        await self.send_frame(banner)
        for row in rows:
            await self.send_frame(row)
        progress = running_answers.so_far(found.pk)
        shown = progress.so_far() if progress else None
        if shown is not None:
            await self.send_frame(shown)

    async def take_message(self, frame: ClientFrame) -> None:
        """Store a message and acknowledge it after the commit."""
        client_id = frame.uuid("client_id")
        held = self._held()
        try:
            limits.count_message(str(held.visitor_id), self.address)
            sent = frame.text("text"), client_id, frame.uuids("attachments")
            accepted = await stored(self.token, held.pk, *sent)
        except OverLimit as over:
            seconds = over.retry_after_seconds
            error = error_frame("rate_limited", client_id=str(client_id), seconds=seconds)
            await self.send_frame(error)
        except MessageRefused as refused:
            text = texts.error(refused.code, held.words_language, **refused.values)
            await self.send_frame(
                {"type": "error", "code": refused.code, "text": text, "client_id": str(client_id)}
            )
        else:
            message = accepted.message
            await self.send_frame(
                {
                    "type": "ack",
                    "client_id": str(client_id),
                    "id": str(message.pk),
                    "seq": message.seq,
                    "state": message.state,
                }
            )

    async def stop(self, frame: ClientFrame) -> None:
        """Stop the answer to a question."""
        if not await self._do(by_id(messages.stop), frame.uuid("message")):
            await self.send_frame(error_frame("nothing_to_stop"))

    async def retry(self, frame: ClientFrame) -> None:
        """Ask a stopped question again."""
        if not await self._do(by_id(messages.retry), frame.uuid("message")):
            await self.send_frame(error_frame("nothing_to_retry"))

    async def rate(self, frame: ClientFrame) -> None:
        """Rate an answer."""
        rating = frame.number("rating")
        if rating not in (-1, 0, 1):
            raise BadFrame("bad_rating")
        words = frame.text("reason"), frame.text("comment")
        if not await self._do(feedback.rate, frame.uuid("message"), rating, *words):
            await self.send_frame(error_frame("not_found"))

    async def escalate(self, frame: ClientFrame) -> None:
        """Ask for a person."""
        try:
            await self._do(refuse_blocked)
            await self._do(by_id(escalations.request_person), frame.text("note"))
        except VisitorBlocked:
            await self.send_frame(error_frame("blocked"))
        except TooManyRings as over:
            language = self._held().words_language
            await self.send_frame(ring_error(over.retry_after_seconds, language))

    async def withdraw(self, frame: ClientFrame) -> None:
        """Go on with the assistant."""
        try:
            await self._do(by_id(escalations.withdraw))
        except TransitionRefused:
            await self.send_frame(error_frame("not_waiting"))

    async def leave_email(self, frame: ClientFrame) -> None:
        """Keep the address that the replies go to as well."""
        held = self._held()
        try:
            limits.count_message(str(held.visitor_id), self.address)
            await self._do(by_id(handoffs.take_email), frame.text("email"))
        except OverLimit as over:
            await self.send_frame(error_frame("rate_limited", seconds=over.retry_after_seconds))
        except EmailRefused as refused:
            await self.send_frame(error_frame(refused.code))

    async def typing(self, frame: ClientFrame) -> None:
        """Tell others in the conversation that the customer types."""
        text, group = json.dumps({"type": "typing", "who": "customer"}), f"{self._group()}.staff"
        event = {"type": "chat.frame", "text": text, "group": group}
        await self.channel_layer.group_send(group, event)

    async def ping(self, frame: ClientFrame) -> None:
        """Show that the line is alive, and note whether the customer looks at the chat."""
        visible = frame.fields.get("visible") is True
        await self._do(by_id(handoffs.seen) if visible else only_look)
        await self.send_frame({"type": "pong"})

    async def renew(self, frame: ClientFrame) -> None:
        """Go on with a newer token of the same visitor."""
        token = frame.text("token")
        opened = await in_database(let_in)(token, str(self._held().pk))
        if opened.conversation is None:
            # The line goes on with the token that it has, as long as that counts.
            await self.send_frame(error_frame("unauthorized"))
            return
        self.conversation, self.token = opened.conversation, token
        self._end_after(opened.seconds_left)

    async def _do(
        self, act: Callable[Concatenate[Conversation, P], T], *values: P.args, **more: P.kwargs
    ) -> T:
        """Do something with the chat in the database, if the token opens it at this moment.

        Raises TokenEnded.
        """
        wanted = self._held().pk
        return await in_database(partial(with_token, self.token, wanted, act))(*values, **more)

    async def _look_again(self) -> None:
        """Leave when the token has ended meanwhile."""
        if self.conversation is None:
            return
        try:
            await self._do(only_look)
        except TokenEnded:
            await self._end_for_token()
        except DatabaseError:
            await self.close(TRY_AGAIN)

    def _end_after(self, seconds: float | None) -> None:
        """End the connection with its token, unless a newer one comes before."""
        if self._token_timer:
            self._token_timer.cancel()
        self._token_timer = None
        if seconds is not None:
            loop = asyncio.get_running_loop()
            self._token_timer = loop.call_later(seconds, self._token_is_over)

    def _token_is_over(self) -> None:
        self._closing = asyncio.ensure_future(self._end_for_token())

    async def _end_for_token(self) -> None:
        await self.send_frame(error_frame("token_expired"))
        await self.close(UNAUTHORIZED)

    def _held(self) -> Conversation:
        if self.conversation is None:
            raise BadFrame("no_hello")
        return self.conversation

    def _group(self) -> str:
        return group_of(self._held().pk)

    def _no_hello(self) -> None:
        if self.conversation is None:
            self._closing = asyncio.ensure_future(self.close(NO_HELLO))

    def _count_frame(self) -> None:
        now = time.monotonic()
        if now - self._window_started > FLOOD_SECONDS:
            self._window_started, self._window_frames = now, 0
        self._window_frames += 1
        if self._window_frames > FLOOD_FRAMES:
            raise BadFrame("too_large")

    def _client_address(self) -> str:
        headers = {name.lower(): value for name, value in self.scope.get("headers", [])}
        forwarded = headers.get(b"x-forwarded-for", b"").decode("latin-1")
        remote = (self.scope.get("client") or [""])[0]
        return limits.client_address(remote, forwarded)


HANDLERS: dict[str, Callable[[ChatConsumer, ClientFrame], Awaitable[None]]] = {
    "hello": ChatConsumer.hello,
    "send": ChatConsumer.take_message,
    "stop": ChatConsumer.stop,
    "retry": ChatConsumer.retry,
    "feedback": ChatConsumer.rate,
    "escalate": ChatConsumer.escalate,
    "withdraw": ChatConsumer.withdraw,
    "email": ChatConsumer.leave_email,
    "typing": ChatConsumer.typing,
    "ping": ChatConsumer.ping,
    "token": ChatConsumer.renew,
}


def _rows_after(conversation_id: uuid.UUID, last_seq: int) -> tuple[list[Frame], Frame, Frame]:
    conversation = Conversation.objects.select_related("agent").get(pk=conversation_id)
    rows = [message_frame(row) for row in rows_after(conversation_id, last_seq)]
    rows += [message_frame(row) for row in revised_until(conversation_id, last_seq)]
    welcome = {
        **owner_frame(conversation),
        "type": "welcome",
        "conversation": str(conversation.pk),
        "last_seq": conversation.last_seq,
        "limits": {"max_characters": settings.MESSAGE_MAX_CHARACTERS},
    }
    return rows, welcome, banner_frame(ServiceState.current())


def revised_until(conversation_id: uuid.UUID, last_seq: int) -> list[Message]:
    """Return the replies up to a sequence number that were edited or withdrawn since they came."""
    rows = Message.objects.filter(conversation=conversation_id, seq__lte=last_seq)
    revised = rows.exclude(edited_at=None, withdrawn_at=None).select_related(
        "author", "conversation"
    )
    return list(revised.order_by("seq")[:BACKLOG_ROWS])


def rows_after(conversation_id: uuid.UUID, last_seq: int) -> list[Message]:
    """Return the messages after a sequence number with all that their frames show."""
    rows = Message.objects.filter(conversation=conversation_id, seq__gt=last_seq)
    wanted = rows.select_related("author", "answer", "conversation").prefetch_related(
        "answer__citations", "answer__feedback"
    )
    return with_files(wanted.order_by("seq")[:BACKLOG_ROWS])

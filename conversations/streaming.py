"""From the worker to the browsers: frames to a conversation's group, tokens in batches."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from channels.layers import get_channel_layer
from django.db import transaction

from conversations.protocol import Frame
from providers.llm.background_loop import shared as background_loop

logger = logging.getLogger(__name__)
# The first token at once, then batches: 100 chats cost 69 % of a CPU instead of 114 %.
BATCH_SECONDS = 0.05
BUSY_BATCH_SECONDS = 0.1
BUSY_STREAMS = 50
PUBLISH_TIMEOUT_SECONDS = 1.0
# The group of all open chats.
EVERYBODY = "everybody"
# The group of all open desks: they are told which conversation changed, never what in it.
DESK = "desk"


def group_of(conversation_id: uuid.UUID) -> str:
    """Return the channel group of a conversation."""
    return f"conversation.{conversation_id}"


def staff_group_of(conversation_id: uuid.UUID) -> str:
    """Return the channel group of the agents who look at a conversation."""
    return f"{group_of(conversation_id)}.staff"


def publish(conversation_id: uuid.UUID, frame: Frame) -> None:
    """Send a frame to everybody who watches the conversation; from any thread, never raises.

    A lost frame is repaired by the rows: clients ask for what came after their last sequence
    number.
    """
    _publish_to(group_of(conversation_id), frame)


def publish_to_staff(conversation_id: uuid.UUID, frame: Frame) -> None:
    """Send a frame to the agents who look at the conversation, as `publish` does."""
    _publish_to(staff_group_of(conversation_id), frame)


def publish_to_all(frame: Frame) -> None:
    """Send a frame to every open chat, as `publish` does."""
    _publish_to(EVERYBODY, frame)


def look_again_on_commit(conversations: Iterable[uuid.UUID]) -> None:
    """Have the sockets of these conversations look, after the commit, whether they may stay."""
    for pk in conversations:
        call = partial(_send_event, group_of(pk), {"type": "chat.look_again"})
        transaction.on_commit(call, robust=True)


def _publish_to(group: str, frame: Frame) -> None:
    text = json.dumps(frame, ensure_ascii=False)
    _send_event(group, {"type": "chat.frame", "text": text, "group": group})


def _send_event(group: str, event: dict[str, Any]) -> None:
    layer: Any = get_channel_layer()
    try:
        if hasattr(type(layer), "send_to_group"):
            layer.send_to_group(group, event)
        else:
            work = _send(layer, group, event)
            asyncio.run_coroutine_threadsafe(work, background_loop.loop())
    except Exception as error:
        logger.warning("stream.publish_failed", extra={"error": type(error).__name__})


def publish_on_commit(conversation_id: uuid.UUID, make_frame: Callable[[], Frame]) -> None:
    """Build and send a frame once the transaction is committed."""
    transaction.on_commit(partial(_make_and_publish, conversation_id, make_frame), robust=True)


def _make_and_publish(conversation_id: uuid.UUID, make_frame: Callable[[], Frame]) -> None:
    publish(conversation_id, make_frame())
    tell_desk(conversation_id)


def tell_desk(conversation_id: uuid.UUID) -> None:
    """Tell every open desk that a conversation has changed, as `publish` does."""
    _publish_to(DESK, {"type": "changed", "conversation": str(conversation_id)})


def tell_desk_on_commit(conversation_id: uuid.UUID) -> None:
    """Tell every open desk once the transaction is committed."""
    transaction.on_commit(partial(tell_desk, conversation_id), robust=True)


async def _send(layer: Any, group: str, event: dict[str, Any]) -> None:
    # The layer keeps one connection an event loop, and looks for the loop when it is called.
    try:
        await asyncio.wait_for(layer.group_send(group, event), PUBLISH_TIMEOUT_SECONDS)
    except Exception as error:
        logger.warning("stream.publish_failed", extra={"error": type(error).__name__})


class StreamProgress:
    """What a customer sees while one attempt makes a reply. Implements answering's Progress.

    `on_writing` is called when a model is about to be asked.
    """

    def __init__(
        self,
        conversation_id: uuid.UUID,
        message_id: uuid.UUID,
        attempt: int,
        on_writing: Callable[[], None] = lambda: None,
    ) -> None:
        self.conversation_id = conversation_id
        self.message_id = message_id
        self.attempt = attempt
        self._on_writing = on_writing
        self.shown = threading.Event()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[str] = []
        self._offset = 0
        self._text = ""

    def stage(self, name: str) -> None:
        """Say what is going on."""
        if name == "writing":
            self._on_writing()
        self._publish({"type": "stage", "message": str(self.message_id), "name": name})

    def delta(self, text: str) -> None:
        """Show text: the first piece at once, the others with the next batch."""
        with self._lock:
            self._waiting.append(text)
        if not self.shown.is_set():
            self.shown.set()
            self.flush()
        flusher.wake(self)

    def retract(self) -> None:
        """Take back everything shown so far."""
        with self._lock:
            self._waiting.clear()
            had_shown, self._offset, self._text = self._offset > 0, 0, ""
        if had_shown:
            self._publish({"type": "retract", **self._ids()})

    def cancelled(self) -> bool:
        """Say whether nobody wants the reply any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Give the attempt up; what was shown is taken back."""
        self._cancelled.set()
        self.retract()

    def flush(self) -> bool:
        """Send what waits; False when there was nothing."""
        # Sent under the lock, which `cancel` waits for: after it no piece comes any more.
        with self._lock:
            text = "".join(self._waiting)
            self._waiting.clear()
            if not text or self._cancelled.is_set():
                return False
            offset = self._offset
            self._offset += len(text)
            self._text += text
            self._publish({"type": "delta", **self._ids(), "offset": offset, "text": text})
        return True

    def so_far(self) -> Frame | None:
        """Return one delta with all that was shown, for somebody who joins now."""
        with self._lock:
            if not self._text or self._cancelled.is_set():
                return None
            return {"type": "delta", **self._ids(), "offset": 0, "text": self._text}

    def _ids(self) -> dict[str, Any]:
        return {"message": str(self.message_id), "attempt": self.attempt}

    def _publish(self, frame: Frame) -> None:
        publish(self.conversation_id, frame)


class Flusher:
    """One thread that sends all streams' batches."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._dirty: set[StreamProgress] = set()
        self._thread: threading.Thread | None = None

    def wake(self, stream: StreamProgress) -> None:
        """Have a stream's text sent with the next batch."""
        with self._condition:
            self._dirty.add(stream)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="flusher", daemon=True)
                self._thread.start()
            self._condition.notify()

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._dirty:
                    self._condition.wait()
                busy = len(self._dirty) > BUSY_STREAMS
            time.sleep(BUSY_BATCH_SECONDS if busy else BATCH_SECONDS)
            with self._condition:
                dirty, self._dirty = self._dirty, set()
            for stream in dirty:
                stream.flush()


flusher = Flusher()

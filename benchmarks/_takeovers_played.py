"""Takes chats over in mid-stream: `python -m benchmarks._takeovers_played NUMBER SEED`.

With a new DATA_DIR, and with DATABASE_URL when another database than SQLite is meant.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
import uuid
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402 - settings come first
from django.db import connection  # noqa: E402

from conversations import streaming, tasks, wiring  # noqa: E402
from conversations.actions import conversations as starting  # noqa: E402
from conversations.actions import escalations  # noqa: E402
from conversations.answering.toolbox import Toolbox  # noqa: E402
from conversations.answering.values import (  # noqa: E402
    Confidence,
    ConfidenceLevel,
    Disposition,
    Question,
    Reply,
    Source,
)
from conversations.intake import submit  # noqa: E402
from conversations.models import Message, MessageKind  # noqa: E402
from conversations.protocol import Frame  # noqa: E402
from conversations.streaming import StreamProgress  # noqa: E402
from knowledge.management.preparing import prepare_data_dir  # noqa: E402

AT_ONCE = 6
PIECES = 12
PIECE_SECONDS = 0.004
# Beyond the last piece, so that some takeovers race with the reply's own transaction.
LATEST_SECONDS = PIECES * PIECE_SECONDS * 1.3
FIRST_PIECE_SECONDS = 20.0


class Pieces:
    """When each piece of a reply was published, by conversation."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.times: dict[uuid.UUID, list[float]] = defaultdict(list)

    def publish(self, conversation_id: uuid.UUID, frame: Frame) -> None:
        """Note a frame in place of sending it."""
        if frame["type"] == "delta":
            with self._lock:
                self.times[conversation_id].append(time.monotonic())


def streamed(asked: Question, toolbox: Toolbox, progress: StreamProgress) -> Reply:
    """Stand in for the pipeline: write piece by piece until nobody wants it any more."""
    for number in range(PIECES):
        if progress.cancelled():
            break
        progress.delta(f"piece {number} ")
        time.sleep(PIECE_SECONDS)
    return Reply(
        text="The whole reply.",
        disposition=Disposition.ANSWER,
        source=Source.LLM,
        confidence=Confidence(0.9, ConfidenceLevel.HIGH),
    )


def play(seed: int, agent: User, pieces: Pieces) -> tuple[str, bool, bool]:
    """Take one chat over; return when it was, and whether a reply or a piece came after it."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    chat, _ = starting.start(None, "192.0.2.7")
    question = submit(chat, "Where is my parcel?", uuid.uuid4()).message
    worker = threading.Thread(target=_work, args=(question.pk,))
    worker.start()
    _wait_for_a_piece(chat.pk, pieces)
    time.sleep(chance.random() * LATEST_SECONDS)
    escalations.take(chat.pk, agent)
    committed = time.monotonic()
    worker.join()
    rows = Message.objects.filter(conversation=chat)
    notice = rows.get(code="agent_joined")
    final = rows.filter(kind=MessageKind.FINAL).first()
    when = "after the reply" if final and final.seq < notice.seq else "in mid-stream"
    late_piece = any(at > committed for at in pieces.times[chat.pk])
    return when, final is not None and final.seq > notice.seq, late_piece


def _work(question_id: uuid.UUID) -> None:
    try:
        tasks.answer_message(str(question_id))
    finally:
        connection.close()


def _wait_for_a_piece(chat: uuid.UUID, pieces: Pieces) -> None:
    ends = time.monotonic() + FIRST_PIECE_SECONDS
    while not pieces.times[chat] and time.monotonic() < ends:
        time.sleep(0.001)


def main() -> None:
    """Print the figures as JSON."""
    number, seed = int(sys.argv[1]), int(sys.argv[2])
    prepare_data_dir()
    agent = User.objects.create_user("ada", first_name="Ada")
    pieces, found = Pieces(), Counter[str]()
    after, late, played = 0, 0, 0
    with (
        patch("celery.current_app.send_task"),
        patch.object(streaming, "publish", pieces.publish),
        patch.object(tasks, "answer", streamed),
        patch.object(wiring, "embed_ahead"),
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        while found["in mid-stream"] < number:
            seeds = range(seed + played, seed + played + AT_ONCE)
            played += AT_ONCE
            for when, reply_after, late_piece in pool.map(lambda s: play(s, agent, pieces), seeds):
                found[when] += 1
                after += reply_after
                late += late_piece
    figures = {
        "database": connection.vendor,
        "takeovers": played,
        "in_mid_stream": found["in mid-stream"],
        "after_the_reply": found["after the reply"],
        "bot_messages_after_the_commit": after,
        "with_a_piece_after_the_commit": late,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

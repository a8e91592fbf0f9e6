"""Every frame of the two sockets and every act of the desk, and who may send it.

One without a row here fails the tests. Ids in the rows are names of the stage's things.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.security.endpoints import CURATORS, DESK, READERS
from tests.security.stage import Stage

Values = dict[str, Any]
# What a visitor may change by a frame, and that only in their own chat.
OWN_WORDS = frozenset({"conversations.Message", "conversations.Conversation"})


@dataclass(frozen=True)
class ChatFrame:
    """A frame of the chat's socket: its fields, which name things of the owner."""

    fields: Values = field(default_factory=dict)
    things: dict[str, str] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Act:
    """An act of the desk: who may, with what, on which thing. `ready`: it would succeed now.

    `thing`: "self" for what an agent does to nobody else.
    """

    may: frozenset[str]
    values: Values = field(default_factory=dict)
    thing: str = "chat"
    ready: bool = True

    def fields(self, stage: Stage) -> Values:
        """Return the act's values with the ids of the stage's rows."""
        if self.thing == "self":
            return dict(self.values)
        name = "conversation" if self.thing == "chat" else "message"
        row: Any = getattr(stage, self.thing)
        return {name: str(row.pk), **self.values}


# Sent by a visitor in a chat of their own, about things in the owner's. `error`: what is answered.
CHAT_FRAMES: dict[str, ChatFrame] = {
    "hello": ChatFrame(things={"conversation": "chat"}, error="unauthorized"),
    "send": ChatFrame({"text": "Let me in", "client_id": str(uuid.UUID(int=9))}),
    "stop": ChatFrame(things={"message": "open_question"}, error="nothing_to_stop"),
    "retry": ChatFrame(things={"message": "question"}, error="nothing_to_retry"),
    "feedback": ChatFrame({"rating": -1}, {"message": "final"}, error="not_found"),
    "escalate": ChatFrame({"note": "x"}),
    "withdraw": ChatFrame(),
    "email": ChatFrame({"email": "eve@example.com"}),
    "typing": ChatFrame(),
    "token": ChatFrame({"token": "x" * 43}, error="unauthorized"),
    # The last one: its own answer is the one that the test waits for.
    "ping": ChatFrame({"visible": True}),
}
# Frames of the desk's socket, and who may send them with an effect.
DESK_FRAMES: dict[str, frozenset[str]] = {
    "act": READERS,
    "watch": READERS,
    "typing": DESK,
    "ping": DESK,
}
ACTS: dict[str, Act] = {
    "take": Act(DESK, {"from_agent": 0}),
    "reply": Act(DESK, {"text": "x", "client_id": str(uuid.UUID(int=8)), "confirmed": True}),
    "edit": Act(DESK, {"text": "x", "confirmed": True}, "reply"),
    "withdraw": Act(DESK, {}, "reply"),
    "hand_back": Act(DESK, {"note": "x"}),
    "assign": Act(DESK, {"to": "AGENT"}),
    "transfer": Act(DESK, {"to": "AGENT", "note": "x"}),
    "snooze": Act(DESK, {"until": (timezone.now() + timedelta(hours=1)).isoformat()}),
    "wake": Act(DESK),
    "resolve": Act(DESK, {"note": "x"}),
    "priority": Act(DESK, {"priority": 2}),
    "tag": Act(DESK, {"add": ["x"]}),
    "forgive": Act(DESK),
    "away": Act(DESK, {"away": True}, "self"),
    "note": Act(DESK, {"text": "x"}),
    "same": Act(DESK, {"other": "OTHER"}),
    "not_same": Act(DESK, {"other": "OTHER"}),
    "block": Act(DESK, {"reason": "spam"}),
    "unblock": Act(DESK),
    # Needs the index of documents, which this test has not.
    "draft": Act(DESK, {"question": "x"}, ready=False),
    "flag": Act(READERS, {"comment": "x"}, "final"),
    "faq": Act(CURATORS, {"question": "Q?", "answer": "A."}, "final"),
}

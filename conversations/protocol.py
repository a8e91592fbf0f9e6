"""The frames between the browser and us. Every frame is JSON with a `type`."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import prefetch_related_objects

from conversations import texts
from conversations.models import (
    Answer,
    Attachment,
    Citation,
    Contact,
    Conversation,
    Message,
    MessageKind,
    MessageRole,
    ServiceState,
)
from conversations.ownership import Owner
from conversations.queue_place import place_of
from conversations.rendering import render_markdown

Frame = dict[str, Any]
DUMMY_MAIL = "django.core.mail.backends.dummy.EmailBackend"
MAX_FRAME_BYTES = 64 * 1024
MOST_UUIDS = 100
CLIENT_TYPES = frozenset(
    {
        "hello",
        "send",
        "stop",
        "retry",
        "feedback",
        "escalate",
        "withdraw",
        "email",
        "typing",
        "ping",
        "token",
    }
)


class BadFrame(Exception):
    """What the client sent is not one of our frames; `code` says what is wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ClientFrame:
    """A frame from the browser whose outer shape has been checked."""

    type: str
    fields: Frame

    def text(self, name: str) -> str:
        """Return a text field. Raises BadFrame."""
        value = self.fields.get(name, "")
        if not isinstance(value, str):
            raise BadFrame("bad_frame")
        # What no database takes. A message's own text is refused with a sentence of its own.
        if name != "text" and any(one == "\0" or "\ud800" <= one <= "\udfff" for one in value):
            raise BadFrame("bad_frame")
        return value

    def uuid(self, name: str) -> uuid.UUID:
        """Return a UUID field. Raises BadFrame."""
        try:
            return uuid.UUID(self.text(name))
        except ValueError:
            raise BadFrame("bad_client_id" if name == "client_id" else "bad_frame") from None

    def uuids(self, name: str) -> list[UUID]:
        """Return a list of UUIDs, empty when absent. Raises BadFrame."""
        value = self.fields.get(name, [])
        if not isinstance(value, list) or len(value) > MOST_UUIDS:
            raise BadFrame("bad_frame")
        if not all(isinstance(one, str) for one in value):
            raise BadFrame("bad_frame")
        try:
            return [UUID(one) for one in value]
        except ValueError:
            raise BadFrame("bad_frame") from None

    def number(self, name: str) -> int:
        """Return a whole number, 0 when absent. Raises BadFrame."""
        value = self.fields.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**31:
            raise BadFrame("bad_frame")
        return value


def read_frame(data: str | None) -> ClientFrame:
    """Parse a frame. Raises BadFrame."""
    if data is None:
        raise BadFrame("bad_frame")
    if len(data.encode("utf-8", errors="surrogatepass")) > MAX_FRAME_BYTES:
        raise BadFrame("too_large")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise BadFrame("bad_frame") from None
    if not isinstance(fields, dict) or fields.get("type") not in CLIENT_TYPES:
        raise BadFrame("bad_frame")
    return ClientFrame(fields["type"], fields)


def error_frame(
    code: str, *, client_id: str = "", seconds: int = 0, language: str = "", **values: object
) -> Frame:
    """Tell what went wrong and what to do."""
    frame: Frame = {"type": "error", "code": code}
    if seconds:
        frame["retry_after_seconds"] = seconds
        values["seconds"] = seconds
    frame["text"] = texts.error(code, language, **values)
    return {**frame, "client_id": client_id} if client_id else frame


def ring_error(retry_after_seconds: int, language: str) -> Frame:
    """Tell that a person was asked for too often, and when it works again."""
    return error_frame("ring_limit", language=language, wait=math.ceil(retry_after_seconds / 60))


def message_frame(message: Message) -> Frame:
    """Show one stored message; with its answer record when it is a final reply."""
    answer = _answer_of(message)
    citations = _citations(answer) if answer else []
    markers = frozenset(citation["marker"] for citation in citations)
    plain = message.role in (MessageRole.CUSTOMER, MessageRole.SYSTEM)
    told = message.role == MessageRole.SYSTEM
    language = message.conversation.words_language if told else ""
    return {
        "type": "message",
        "id": str(message.pk),
        "seq": message.seq,
        "client_id": str(message.client_msg_id) if message.client_msg_id else None,
        "role": message.role,
        "kind": message.kind,
        "state": message.state,
        "text": texts.shown_notice(message, language) if told else message.text,
        "html": "" if plain else render_markdown(message.text, markers),
        "code": message.code,
        "created_at": message.created_at.isoformat(),
        "reply_to": str(message.reply_to_id) if message.reply_to_id else None,
        "author": shown_name(message),
        "edited": message.edited_at is not None,
        "withdrawn": message.withdrawn_at is not None,
        "attachments": attachments_of(message),
        "answer": _answer(answer, citations) if answer else None,
    }


def attachments_of(message: Message) -> list[Frame]:
    """Return what is shown of a message's files."""
    if not message.attachment_count:
        return []
    return [attachment_row(row) for row in message.attachments.all()]


def with_files(rows: Iterable[Message]) -> list[Message]:
    """Return messages with their files at hand; without any there is nothing to ask for."""
    found = list(rows)
    prefetch_related_objects([row for row in found if row.attachment_count], "attachments")
    return found


def attachment_row(row: Attachment) -> Frame:
    """Return what is shown of a file."""
    return {
        "id": str(row.pk),
        "client_id": str(row.client_id),
        "name": row.name,
        "type": row.media_type,
        "size": row.size_bytes,
        "width": row.width_pixels,
        "height": row.height_pixels,
    }


def shown_name(message: Message) -> str:
    """Return the name a customer sees: the agent's first name, or the account's name."""
    if message.author is None:
        return ""
    return message.author.get_short_name() or message.author.get_username()


def owner_frame(conversation: Conversation) -> Frame:
    """Say who answers now. `email`: one can be left ("offered"), was ("given"), or neither.

    `place`: which in the queue the customer is; 0 when there is none to tell.
    """
    agent = conversation.agent
    name = (agent.get_short_name() or agent.get_username()) if agent else ""
    return {
        "type": "owner",
        "owner": conversation.owner,
        "agent": name,
        "email": email_of(conversation),
        "place": place_of(conversation),
    }


def place_frame(place: int) -> Frame:
    """Say which in the queue the customer is now; 0: that is not known any more."""
    return {"type": "place", "place": place}


def email_of(conversation: Conversation) -> str:
    """Say whether the customer has left an address, or can while a person is waited for."""
    if conversation.owner == Owner.BOT:
        return ""
    if Contact.objects.filter(conversation=conversation.pk).exists():
        return "given"
    waits = conversation.owner == Owner.WAITING and settings.EMAIL_BACKEND != DUMMY_MAIL
    return "offered" if waits else ""


def banner_frame(state: ServiceState) -> Frame:
    """Show the banner about an incident, or take it away when `text` is empty.

    `seconds_left`: it goes by itself after so many; None when somebody takes it away. `version`
    tells one banner from the next of the same words.
    """
    text = state.banner_shown()
    return {
        "type": "banner",
        "text": text,
        "seconds_left": state.banner_seconds_left(),
        "version": state.banner_at.isoformat() if text and state.banner_at else "",
    }


def update_frame(message: Message) -> Frame:
    """Say that the state of a question changed."""
    return {"type": "update", "id": str(message.pk), "state": message.state}


def _answer_of(message: Message) -> Answer | None:
    if message.kind != MessageKind.FINAL:
        return None
    answer: Answer | None = getattr(message, "answer", None)
    return answer


def _citations(answer: Answer) -> list[Frame]:
    """Return the sources of an answer, each with the whole passage the quote stands in."""
    texts_by_chunk = {row["chunk"]: row["text"] for row in answer.passages}
    rows = answer.citations.all()
    return [_citation(row, texts_by_chunk.get(str(row.chunk), row.quote)) for row in rows]


def _citation(citation: Citation, passage: str) -> Frame:
    return {
        "marker": citation.marker,
        "title": citation.title,
        "heading": citation.heading,
        "url": citation.url,
        "quote": citation.quote,
        "passage": passage,
        "passage_html": render_markdown(passage),
    }


def _answer(answer: Answer, citations: list[Frame]) -> Frame:
    feedback = answer.feedback.all()
    return {
        "disposition": answer.disposition,
        "source": answer.source,
        "confidence_level": answer.confidence_level,
        "reasons": answer.reasons,
        "human_offered": answer.human_offered,
        "citations": citations,
        "related": answer.related,
        "alternatives": answer.alternatives,
        "form_fields": answer.form_fields,
        "feedback": feedback[0].rating if feedback else 0,
    }

"""A chat as plain text, for the customer to keep. Its own words are in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from conversations.interface import words
from conversations.models import Answer, Conversation, Message, MessageKind, MessageRole
from conversations.protocol import shown_name
from conversations.texts import shown_notice

Words = Mapping[str, Mapping[str, Any]]


def messages_of(conversation: Conversation) -> QuerySet[Message]:
    """Return the messages with all that a transcript shows, in their order."""
    rows = conversation.messages.select_related("author", "answer")
    return rows.prefetch_related("answer__citations", "attachments").order_by("seq")


def transcript_of(
    conversation: Conversation, messages: Sequence[Message], language: str = "en"
) -> str:
    """Return every message with who wrote it and when (the server's time zone), and sources."""
    known = words(language)
    begun = timezone.localtime(conversation.created_at)
    when = f"{begun:%Y-%m-%d, %H:%M} ({begun.tzname()})"
    head = str(known["letter"]["chat_of"]).format(when=when)
    said = (_message(message, known, language) for message in messages)
    return "\n\n".join([head, *said]) + "\n"


def attached_words(message: Message, label: str = "Attached") -> str:
    """Return the names of a message's files as a line; empty for a message without any."""
    if not message.attachment_count:
        return ""
    names = ", ".join(row.name for row in message.attachments.all())
    return f"[{label}: {names}]"


def _message(message: Message, known: Words, language: str) -> str:
    own, letter = known["texts"], known["letter"]
    whose = {
        MessageRole.CUSTOMER: own["you"],
        MessageRole.ASSISTANT: own["assistant"],
        MessageRole.SYSTEM: letter["notice"],
    }
    who = shown_name(message) or whose.get(MessageRole(message.role), own["person"])
    when = timezone.localtime(message.created_at)
    told = message.role == MessageRole.SYSTEM
    said = shown_notice(message, language) if told else message.text
    files = attached_words(message, str(letter["attached"]))
    if not (said or files):
        said = f"({own['withdrawn']})"
    lines = [f"{who}, {when:%Y-%m-%d %H:%M}", said, files]
    answer: Answer | None = getattr(message, "answer", None)
    if message.kind == MessageKind.FINAL and answer is not None:
        for citation in answer.citations.all():
            where = f", {citation.url}" if citation.url else ""
            lines.append(f"[{citation.marker}] {citation.title}{where}")
    return "\n".join(line for line in lines if line)

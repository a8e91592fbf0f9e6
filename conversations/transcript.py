"""A chat as plain text, for the customer to keep."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from conversations.models import Answer, Conversation, Message, MessageKind, MessageRole
from conversations.protocol import shown_name

WHO = {
    MessageRole.CUSTOMER: "You",
    MessageRole.ASSISTANT: "AI assistant",
    MessageRole.SYSTEM: "Notice",
}


def transcript_of(conversation: Conversation, messages: Sequence[Message]) -> str:
    """Return every message with who wrote it and when (the server's time zone), and sources."""
    begun = timezone.localtime(conversation.created_at)
    head = f"Chat of {begun:%d %B %Y}, {begun:%H:%M} ({begun.tzname()})"
    return "\n\n".join([head, *map(_message, messages)]) + "\n"


def _message(message: Message) -> str:
    who = shown_name(message) or WHO.get(MessageRole(message.role), "Support team")
    when = timezone.localtime(message.created_at)
    lines = [f"{who}, {when:%Y-%m-%d %H:%M}", message.text or "(withdrawn)"]
    answer: Answer | None = getattr(message, "answer", None)
    if message.kind == MessageKind.FINAL and answer is not None:
        for citation in answer.citations.all():
            where = f", {citation.url}" if citation.url else ""
            lines.append(f"[{citation.marker}] {citation.title}{where}")
    return "\n".join(lines)

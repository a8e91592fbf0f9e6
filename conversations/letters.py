"""What is mailed: word to agents that a customer waits, and to customers the reply."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from conversations.interface import words
from conversations.models import (
    Contact,
    Conversation,
    Escalation,
    Message,
    MessageKind,
    MessageRole,
    Notice,
    NoticeKind,
)
from conversations.tokens import REOPEN_DAYS, reopening_token
from conversations.transcript import attached_words, messages_of, transcript_of
from conversations.waiting import in_words

TRANSCRIPT_MESSAGES = 100


def desk_link(conversation: Conversation) -> str:
    """Return the address of a chat in the admin."""
    path = reverse("admin:conversations_conversation_change", args=[conversation.pk])
    return f"{settings.SITE_URL}{path}"


def reopening_link(conversation_id: uuid.UUID) -> str:
    """Return the address that opens the chat again in any browser, for REOPEN_DAYS days.

    The token stands after the #, so that it reaches no server's log and no other site.
    """
    return f"{settings.SITE_URL}/#chat={conversation_id}.{reopening_token(conversation_id)}"


def transcript(conversation: Conversation) -> list[Message]:
    """Return the newest messages, oldest first."""
    rows = conversation.messages.select_related("author").order_by("-seq")
    return list(rows[:TRANSCRIPT_MESSAGES])[::-1]


def to_agents(notice: Notice, to: Sequence[str], now: datetime) -> EmailMessage:
    """Return the letter that a customer waits; its recipients do not see each other."""
    escalation = notice.escalation or Escalation()
    waits = in_words(now - escalation.created_at)
    late = notice.kind == NoticeKind.LATE_MAIL
    subject = f"A customer has waited {waits}" if late else "A customer waits for a person"
    text = (
        f"{escalation.get_reason_display()}.\n"
        f"Waiting for: {waits}\n"
        f"What it is about: {_one_line(escalation.summary) or 'no words yet'}\n\n"
        f"Open the chat and take it:\n{desk_link(notice.conversation)}\n"
    )
    return _letter(notice, subject, text, bcc=list(to))


def to_customer(notice: Notice, contact: Contact, replies: Sequence[Message]) -> EmailMessage:
    """Return the letter with an agent's replies and the link that reopens the chat."""
    said = "\n\n".join(filter(None, (part for one in replies for part in _parts(one))))
    name = _one_line(replies[-1].author.get_short_name() if replies[-1].author else "")
    text = (
        f"{said}\n\n{name or 'The support team'}\n\n--\n"
        "To answer, open the chat. Replies to this e-mail are not read.\n"
        f"{reopening_link(notice.conversation_id)}\n\n"
        f"The link works for {REOPEN_DAYS} days and opens your chat for whoever has it, so do not "
        "pass it on.\n"
    )
    return _letter(notice, "A reply to your question", text, to=[contact.email])


def chat_to_keep(notice: Notice) -> EmailMessage:
    """Return the letter with the chat as it is now. It opens nothing: anybody may have typed it."""
    chat, own = notice.conversation, words(notice.language)["letter"]
    day = timezone.localtime(chat.created_at).strftime("%Y-%m-%d")
    text = (
        f"{own['intro']}\n\n{transcript_of(chat, list(messages_of(chat)), notice.language)}\n--\n"
        f"{str(own['why']).format(site=settings.SITE_URL)}\n"
    )
    return _letter(notice, str(own["subject"]).format(day=day), text, to=[notice.email])


def unseen_replies(notice: Notice) -> list[Message]:
    """Return the agents' replies that a letter to the customer carries, oldest first."""
    first = notice.message.seq if notice.message else 0
    rows = notice.conversation.messages.filter(
        role=MessageRole.AGENT, kind=MessageKind.REPLY, seq__gte=first, withdrawn_at=None
    )
    return list(rows.select_related("author").order_by("seq"))


def _parts(reply: Message) -> tuple[str, str]:
    """Return a reply's words, and its files by name: they are opened in the chat."""
    return reply.text, attached_words(reply)


def _letter(
    notice: Notice,
    subject: str,
    text: str,
    to: list[str] | None = None,
    bcc: list[str] | None = None,
) -> EmailMessage:
    # One id for all attempts: a mail program shows a letter that was sent twice once.
    headers = {"Message-ID": f"<{notice.pk}@{_domain()}>", "Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, text, to=to or [], bcc=bcc or [], headers=headers)


def _domain() -> str:
    address = str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].strip("<> ")
    return address or "localhost"


def _one_line(text: str) -> str:
    return " ".join(text.split())

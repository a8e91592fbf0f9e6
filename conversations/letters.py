"""What is mailed: word to agents that a customer waits, and to customers the reply."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from conversations import texts
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
LAST_WORDS_CHARACTERS = 300


def desk_link(conversation: Conversation) -> str:
    """Return the address of a chat at the desk."""
    return f"{settings.SITE_URL}{reverse('admin:desk')}?c={conversation.pk}"


def reopening_link(conversation_id: uuid.UUID, language: str = "") -> str:
    """Return the address that opens the chat again in any browser, for REOPEN_DAYS days.

    The token stands after the #, so that it reaches no server's log and no other site.
    """
    page = f"{settings.SITE_URL}/?lang={language}" if language else f"{settings.SITE_URL}/"
    return f"{page}#chat={conversation_id}.{reopening_token(conversation_id)}"


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
    chat = notice.conversation
    where = {"Site": chat.site, "Team": chat.team}
    lines = [f"{name}: {_one_line(str(value))}\n" for name, value in where.items() if value]
    text = (
        f"{escalation.get_reason_display()}.\n"
        f"Waiting for: {waits}\n{''.join(lines)}"
        f"What it is about: {_one_line(escalation.summary) or _last_words(chat)}\n\n"
        f"Open the chat and take it:\n{desk_link(chat)}\n"
    )
    return _letter(notice, subject, text, bcc=list(to))


def to_customer(notice: Notice, contact: Contact, replies: Sequence[Message]) -> EmailMessage:
    """Return the letter with an agent's replies and the link that reopens the chat.

    It is in the language in which the customer was shown the chat, or else wrote. Where only a
    stranger stated the address, before a customer was verified, it says no more than that there is
    a reply: the chat is the verified customer's now.
    """
    language = texts.chat_language(notice.conversation)
    subject = texts.letter("subject", language)
    if only_stated(notice.conversation, contact.email):
        return _letter(notice, subject, f"{texts.letter('sign_in', language)}\n", [contact.email])
    said = "\n\n".join(filter(None, (part for one in replies for part in _parts(one, language))))
    name = _one_line(replies[-1].author.get_short_name() if replies[-1].author else "")
    text = (
        f"{said}\n\n{name or texts.letter('team', language)}\n\n--\n"
        f"{texts.letter('answer', language)}\n"
        f"{reopening_link(notice.conversation_id, language)}\n\n"
        f"{texts.letter('link', language, days=REOPEN_DAYS)}\n"
    )
    return _letter(notice, subject, text, to=[contact.email])


def chat_to_keep(notice: Notice) -> EmailMessage:
    """Return the letter with the chat as it is now. It opens nothing: anybody may have typed it."""
    chat = notice.conversation
    language = notice.language or texts.chat_language(chat)
    own = words(language)["letter"]
    day = timezone.localtime(chat.created_at).strftime("%Y-%m-%d")
    text = (
        f"{own['intro']}\n\n{transcript_of(chat, list(messages_of(chat)), language)}\n--\n"
        f"{str(own['why']).format(site=settings.SITE_URL)}\n"
    )
    return _letter(notice, str(own["subject"]).format(day=day), text, to=[notice.email])


def only_stated(conversation: Conversation, email: str) -> bool:
    """Say whether an address was left before its chat became a verified customer's, not theirs."""
    join = conversation.identity_joins.select_related("visitor__verified").last()
    if join is None or join.stated_email.casefold() != email.casefold():
        return False
    verified = getattr(join.visitor, "verified", None)
    return verified is None or verified.email.casefold() != email.casefold()


def unseen_replies(notice: Notice) -> list[Message]:
    """Return the agents' replies that a letter to the customer carries, oldest first."""
    first = notice.message.seq if notice.message else 0
    rows = notice.conversation.messages.filter(
        role=MessageRole.AGENT, kind=MessageKind.REPLY, seq__gte=first, withdrawn_at=None
    )
    return list(rows.select_related("author").order_by("seq"))


def _parts(reply: Message, language: str) -> tuple[str, str]:
    """Return a reply's words, and its files by name: they are opened in the chat."""
    return reply.text, attached_words(reply, str(words(language)["letter"]["attached"]))


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


def _last_words(conversation: Conversation) -> str:
    """Return what the customer wrote last: whoever asked before writing may have written since."""
    written = conversation.messages.filter(role=MessageRole.CUSTOMER).order_by("-seq").first()
    return _one_line(written.text)[:LAST_WORDS_CHARACTERS] if written else "no words yet"


def _one_line(text: str) -> str:
    return " ".join(text.split())

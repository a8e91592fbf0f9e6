"""The way in for a customer's message: check, store, acknowledge, ring the worker."""

from __future__ import annotations

import logging
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from conversations.actions.desk_sorting import VisitorBlocked, refuse_blocked
from conversations.actions.thread import append_message, locked, set_owner
from conversations.models import Conversation, Message, MessageKind, MessageRole, MessageState
from conversations.ownership import Owner, OwnershipEvent, bot_may_speak
from conversations.ringing import ring
from observability.tracing import bind

logger = logging.getLogger(__name__)
# Past this the sweeper hands the question to a person: 30 s for the model, a lease of 15 s, and
# the sweeper's own round fit in the 60 s that a customer is promised.
DEADLINE_SECONDS = 50.0


class MessageRefused(Exception):
    """The message cannot be taken; `code` and `values` make the sentence (texts.ERRORS)."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


@dataclass(frozen=True)
class Accepted:
    """A stored message; `created` is False when the same one had been sent before."""

    message: Message
    created: bool


def submit(conversation: Conversation, text: str, client_msg_id: uuid.UUID) -> Accepted:
    """Store a customer's message in one transaction; the caller acknowledges after it returns.

    Raises MessageRefused.
    """
    text = checked_text(text)
    with transaction.atomic():
        held = locked(conversation.pk)
        known = Message.objects.filter(conversation=held, client_msg_id=client_msg_id).first()
        if known is not None:
            if known.text != text or known.role != MessageRole.CUSTOMER:
                raise MessageRefused("conflict")
            return Accepted(known, created=False)
        try:
            refuse_blocked(held)
        except VisitorBlocked:
            raise MessageRefused("blocked") from None
        if held.owner == Owner.CLOSED:
            set_owner(held, OwnershipEvent.REOPEN, notice="reopened")
        for_bot = bot_may_speak(Owner(held.owner))
        message = append_message(
            held,
            role=MessageRole.CUSTOMER,
            kind=MessageKind.QUESTION,
            text=text,
            client_msg_id=client_msg_id,
            state=MessageState.PENDING if for_bot else MessageState.FOR_AGENT,
            deadline_at=timezone.now() + timedelta(seconds=DEADLINE_SECONDS),
        )
        if for_bot:
            transaction.on_commit(lambda: ring(message.pk), robust=True)
    bind(conversation=conversation.pk, message=message.pk)
    logger.info("message.accepted", extra={"characters": len(text)})
    return Accepted(message, created=True)


def checked_text(text: str) -> str:
    """Return the text as it is stored. Raises MessageRefused."""
    text = text.replace("\r\n", "\n").strip()
    limit = settings.MESSAGE_MAX_CHARACTERS
    if len(text) > limit:
        raise MessageRefused("too_long", length=f"{len(text):,}", limit=f"{limit:,}")
    if any(_is_binary(character) for character in text):
        raise MessageRefused("binary")
    if not text or not any(_is_visible(character) for character in text):
        raise MessageRefused("empty")
    return text


def _is_binary(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp")

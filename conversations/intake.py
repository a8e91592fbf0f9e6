"""The way in for a customer's message: check, store, acknowledge, ring the worker."""

from __future__ import annotations

import logging
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import UUIDField
from django.utils import timezone

from conversations.actions import attachments
from conversations.actions.desk_sorting import VisitorBlocked, refuse_blocked
from conversations.actions.thread import DEADLINE_SECONDS, append_message, locked, set_owner
from conversations.attachment_files import FileRefused
from conversations.models import (
    Attachment,
    Conversation,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
)
from conversations.ownership import Owner, OwnershipEvent, bot_may_speak
from conversations.ringing import ring
from knowledge.compiled_query import CompiledQuery
from observability.tracing import bind

logger = logging.getLogger(__name__)
_known = CompiledQuery(
    lambda conversation, client_msg_id: Message.objects.filter(
        conversation=conversation, client_msg_id=client_msg_id
    ).order_by(),
    conversation=UUIDField(),
    client_msg_id=UUIDField(),
)


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


def submit(
    conversation: Conversation,
    text: str,
    client_msg_id: uuid.UUID,
    files: Sequence[uuid.UUID] = (),
) -> Accepted:
    """Store a customer's message in one transaction; the caller acknowledges after it returns.

    `files`: the client ids of files that were handed in; with one, the text may be empty.
    Raises MessageRefused.
    """
    text = checked_text(text, may_be_empty=bool(files))
    with transaction.atomic():
        held = locked(conversation.pk)
        known = _known.first(conversation=held.pk, client_msg_id=client_msg_id)
        if known is not None:
            if not _is_the_same(known, text, files):
                raise MessageRefused("conflict")
            return Accepted(known, created=False)
        try:
            refuse_blocked(held)
        except VisitorBlocked:
            raise MessageRefused("blocked") from None
        handed_in = _handed_in(held, files)
        if held.owner == Owner.CLOSED:
            set_owner(held, OwnershipEvent.REOPEN, notice="reopened")
        for_bot = bot_may_speak(Owner(held.owner))
        message = append_message(
            held,
            role=MessageRole.CUSTOMER,
            kind=MessageKind.QUESTION,
            text=text,
            client_msg_id=client_msg_id,
            attachment_count=len(handed_in),
            state=MessageState.PENDING if for_bot else MessageState.FOR_AGENT,
            deadline_at=timezone.now() + timedelta(seconds=DEADLINE_SECONDS),
        )
        if handed_in:
            attachments.send_with(message, handed_in)
        if for_bot:
            transaction.on_commit(lambda: ring(message.pk), robust=True)
    bind(conversation=conversation.pk, message=message.pk)
    logger.info("message.accepted", extra={"characters": len(text), "files": len(handed_in)})
    return Accepted(message, created=True)


def _is_the_same(known: Message, text: str, files: Sequence[uuid.UUID]) -> bool:
    if known.text != text or known.role != MessageRole.CUSTOMER:
        return False
    return not (files or known.attachment_count) or attachments.are_those_of(known, files)


def _handed_in(held: Conversation, files: Sequence[uuid.UUID]) -> list[Attachment]:
    try:
        return attachments.handed_in(held, files)
    except FileRefused as refused:
        raise MessageRefused(refused.code, **refused.values) from None


def checked_text(text: str, *, may_be_empty: bool = False) -> str:
    """Return the text as it is stored. Raises MessageRefused."""
    text = text.replace("\r\n", "\n").strip()
    limit = settings.MESSAGE_MAX_CHARACTERS
    if len(text) > limit:
        raise MessageRefused("too_long", length=f"{len(text):,}", limit=f"{limit:,}")
    if any(_is_binary(character) for character in text):
        raise MessageRefused("binary")
    if not text and may_be_empty:
        return text
    if not text or not any(_is_visible(character) for character in text):
        raise MessageRefused("empty")
    return text


def _is_binary(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp")

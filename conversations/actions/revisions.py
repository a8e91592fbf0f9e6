"""A sent reply is edited or withdrawn. What it said before stands in the audit trail only."""

from __future__ import annotations

import uuid
from functools import partial

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.actions import attachments
from conversations.actions.desk import NotPossible, note_act
from conversations.actions.thread import locked_of
from conversations.models import DeskVerb, Message, MessageRole
from conversations.protocol import message_frame
from conversations.streaming import publish_on_commit


@transaction.atomic
def edit(message_id: uuid.UUID, agent: User, text: str) -> Message:
    """Change the agent's own reply; the customer sees that it was edited. Raises NotPossible."""
    message, before = _own_reply(message_id, agent)
    if text == before:
        return message
    message.text, message.edited_at = text, timezone.now()
    message.save(update_fields=["text", "edited_at"])
    _tell(message, agent, DeskVerb.EDIT, before)
    return message


@transaction.atomic
def withdraw(message_id: uuid.UUID, agent: User) -> Message:
    """Take the agent's own reply back; the customer sees that it was withdrawn.

    Raises NotPossible.
    """
    message, before = _own_reply(message_id, agent)
    message.text, message.withdrawn_at = "", timezone.now()
    message.attachment_count = 0
    message.save(update_fields=["text", "withdrawn_at", "attachment_count"])
    attachments.drop(message.attachments.all())
    _tell(message, agent, DeskVerb.WITHDRAW, before)
    return message


def _own_reply(message_id: uuid.UUID, agent: User) -> tuple[Message, str]:
    conversation = locked_of(message_id)
    message = Message.objects.filter(pk=message_id).first() if conversation else None
    if message is None or conversation is None:
        raise NotPossible("There is no such reply.")
    if message.role != MessageRole.AGENT or message.author_id != agent.pk:
        raise NotPossible("Only the agent who wrote a reply can change it.")
    if message.withdrawn_at is not None:
        raise NotPossible("This reply has been withdrawn.")
    message.conversation = conversation
    return message, message.text


def _tell(message: Message, agent: User, verb: DeskVerb, before: str) -> None:
    note_act(message.conversation, agent, verb, message=message.pk, before=before)
    publish_on_commit(message.conversation_id, partial(message_frame, message))

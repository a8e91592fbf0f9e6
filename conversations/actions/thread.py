"""The ground every write in a conversation stands on: its lock, its rows, its owner."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import DateTimeField, IntegerField, Max, UUIDField
from django.utils import timezone

from conversations import texts
from conversations.models import (
    Conversation,
    DeskState,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
)
from conversations.ownership import Owner, OwnershipEvent, bot_may_speak, next_owner
from conversations.protocol import message_frame, owner_frame, update_frame
from conversations.ringing import ring
from conversations.running import running_answers
from conversations.streaming import publish_on_commit
from knowledge.compiled_query import CompiledQuery, CompiledUpdate

# Past this the sweeper hands the question to a person: 30 s for the model, a lease of 15 s, and
# the sweeper's own round fit in the 60 s that a customer is promised.
DEADLINE_SECONDS = 50.0
_locked = CompiledQuery(
    lambda pk: Conversation.objects.select_for_update().filter(pk=pk), pk=UUIDField()
)
_counted = CompiledUpdate(
    lambda pk, last_seq, now: (
        Conversation.objects.filter(pk=pk),
        {"last_seq": last_seq, "updated_at": now},
    ),
    pk=UUIDField(),
    last_seq=IntegerField(),
    now=DateTimeField(),
)
_locked_of = CompiledQuery(
    lambda message: (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("visitor")
        .filter(messages=message)
    ),
    message=UUIDField(),
)


def locked(conversation_id: uuid.UUID) -> Conversation:
    """Return the conversation under its row lock; only inside a transaction.

    SQLite has no row locks; there every write transaction is IMMEDIATE, which locks the database.
    """
    found = _locked.first(pk=conversation_id)
    if found is None:
        raise Conversation.DoesNotExist
    return found


def locked_of(message_id: uuid.UUID) -> Conversation | None:
    """Return a message's conversation under its row lock, with its visitor; None for no message."""
    return _locked_of.first(message=message_id)


def append_message(conversation: Conversation, **fields: Any) -> Message:
    """Add a message with the next sequence number; the conversation must be locked."""
    conversation.last_seq += 1
    conversation.updated_at = timezone.now()
    _counted.run(pk=conversation.pk, last_seq=conversation.last_seq, now=conversation.updated_at)
    message = Message.objects.create(conversation=conversation, seq=conversation.last_seq, **fields)
    if message.role == MessageRole.CUSTOMER and message.seq > 1:
        # Who writes is not left to sleep; a chat that just begins does not.
        DeskState.objects.filter(conversation=conversation).update(snoozed_until=None)
    publish_on_commit(conversation.pk, partial(message_frame, message))
    return message


def set_owner(
    conversation: Conversation, event: OwnershipEvent, *, notice: str = "", name: str = ""
) -> None:
    """Change who answers; the conversation must be locked. Raises TransitionRefused.

    From here on no reply of the bot commits unless the bot is the owner again.
    """
    before = Owner(conversation.owner)
    conversation.owner = next_owner(before, event)
    if conversation.owner != Owner.AGENT:
        conversation.agent = None
    conversation.save(update_fields=["owner", "agent", "updated_at"])
    if not bot_may_speak(Owner(conversation.owner)):
        give_open_questions_to_people(conversation)
    if notice:
        append_notice(conversation, notice, **({"name": name} if name else {}))
    tell_owner(conversation)


def append_notice(conversation: Conversation, code: str, **values: object) -> Message:
    """Add a line that tells what happened; the conversation must be locked.

    The stored text is English, for agents; customers read it in their language (protocol).
    """
    return append_message(
        conversation,
        role=MessageRole.SYSTEM,
        kind=MessageKind.NOTICE,
        code=code,
        text=texts.notice(code, values),
        values=values,
    )


def tell_owner(conversation: Conversation) -> None:
    """Tell the browsers, after the commit, who answers and whether an e-mail can be left."""
    publish_on_commit(conversation.pk, partial(owner_frame, conversation))


def finish(question: Message, state: MessageState) -> None:
    """Give a question its last state and tell the browsers."""
    question.state = state
    question.lease_until = None
    question.save(update_fields=["state", "lease_until"])
    publish_on_commit(question.conversation_id, partial(update_frame, question))


def give_open_questions_to_people(conversation: Conversation) -> None:
    """Leave all waiting questions to the agent, and end what the bot was writing."""
    for question in conversation.messages.open_questions():
        finish(question, MessageState.FOR_AGENT)
        transaction.on_commit(partial(running_answers.cancel, question.pk), robust=True)


def give_unanswered_questions_to_bot(conversation: Conversation) -> None:
    """Have the bot answer what the customer wrote since the last reply, as one turn.

    For who asked for a person and goes on with the assistant before one came. The conversation must
    be locked, and the bot its owner.
    """
    replies = conversation.messages.filter(role__in=(MessageRole.ASSISTANT, MessageRole.AGENT))
    last = replies.aggregate(last=Max("seq"))["last"] or 0
    unanswered = conversation.messages.filter(
        kind=MessageKind.QUESTION, state=MessageState.FOR_AGENT, seq__gt=last
    ).order_by("seq")
    deadline, question = timezone.now() + timedelta(seconds=DEADLINE_SECONDS), None
    for question in unanswered:
        question.state, question.deadline_at = MessageState.PENDING, deadline
        question.save(update_fields=["state", "deadline_at"])
        publish_on_commit(conversation.pk, partial(update_frame, question))
    if question:
        # Who answers the newest takes those before it along.
        transaction.on_commit(partial(ring, question.pk), robust=True)

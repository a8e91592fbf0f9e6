"""What agents do with a conversation: hold it, answer, pass it on, put it off, end it.

Each act leaves a row of the audit trail in its own transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.actions import assigning, attachments, escalations
from conversations.actions.escalations import name_of
from conversations.actions.thread import locked
from conversations.models import Conversation, DeskAct, DeskState, DeskVerb, Message, Note, Team
from conversations.ownership import Owner
from conversations.streaming import tell_desk_on_commit

DETAIL_CHARACTERS = 300
LONGEST_SNOOZE = timedelta(days=90)


class HeldByOther(Exception):
    """Another agent has the conversation; the acting one must take it over first."""

    def __init__(self, holder: User) -> None:
        super().__init__(name_of(holder))
        self.name = name_of(holder)
        self.user_id = holder.pk


class NotPossible(Exception):
    """The act does not apply; the text says why, for the agent."""

    code = "not_possible"


class SentBefore(NotPossible):
    """Another text was sent under this id: a line was cut, and the agent has written on."""

    code = "sent_before"


def note_act(
    conversation: Conversation, agent: User, verb: DeskVerb, detail: str = "", **more: Any
) -> DeskAct:
    """Add a row to the audit trail and have every desk look at the conversation again."""
    tell_desk_on_commit(conversation.pk)
    return DeskAct.objects.create(
        conversation=conversation,
        agent=agent,
        verb=verb,
        detail=detail[:DETAIL_CHARACTERS],
        **more,
    )


@transaction.atomic
def take(conversation_id: uuid.UUID, agent: User, from_agent: int | None = None) -> None:
    """Give the conversation to this agent. Of two at once the second is told who has it.

    `from_agent`: the holder whom the agent saw and takes it from. Raises HeldByOther.
    """
    conversation = held(conversation_id, agent, from_agent)
    holder = holder_of(conversation)
    if holder is not None and holder.pk == agent.pk:
        return
    _wake(conversation)
    escalations.take(conversation_id, agent)
    note_act(conversation, agent, DeskVerb.TAKE, f"from {name_of(holder)}" if holder else "")


@transaction.atomic
def reply(
    conversation_id: uuid.UUID,
    agent: User,
    text: str,
    client_msg_id: uuid.UUID,
    files: Sequence[uuid.UUID] = (),
) -> Message:
    """Answer the customer; takes the conversation when no other agent has it.

    `files`: client ids of files that the agent handed in. The same id again is the same reply.
    Raises HeldByOther, FileRefused, or SentBefore for an id that another text was sent under.
    """
    conversation = locked(conversation_id)
    known = conversation.messages.filter(client_msg_id=client_msg_id).first()
    if known is None:
        held(conversation_id, agent)
    sent = escalations.agent_reply(conversation_id, agent, text, client_msg_id, files)
    if known is None:
        _wake(conversation)
        note_act(conversation, agent, DeskVerb.REPLY, f"{len(text)} characters", message=sent.pk)
    elif known.author_id != agent.pk or known.text != text or not _same_files(known, files):
        raise SentBefore("An earlier version was sent already. Send again what is to follow.")
    return sent


def _same_files(known: Message, files: Sequence[uuid.UUID]) -> bool:
    return not (files or known.attachment_count) or attachments.are_those_of(known, files)


@transaction.atomic
def assign(
    conversation_id: uuid.UUID,
    agent: User,
    to: User,
    note: str = "",
    from_agent: int | None = None,
) -> None:
    """Give the conversation to a colleague, with a private note when it is a transfer.

    `from_agent`: the holder whom the agent saw. Raises HeldByOther.
    """
    conversation = held(conversation_id, agent, from_agent)
    if note.strip():
        write_note(conversation_id, agent, note)
    _wake(conversation)
    escalations.take(conversation_id, to)
    verb = DeskVerb.TRANSFER if note.strip() else DeskVerb.ASSIGN
    note_act(conversation, agent, verb, f"to {name_of(to)}")


@transaction.atomic
def give_to_team(
    conversation_id: uuid.UUID,
    agent: User,
    team: Team | None,
    note: str = "",
    from_agent: int | None = None,
) -> None:
    """Have the conversation wait for a team, or for everybody.

    A team that gives requests out gives it to a member at once. `from_agent`: the holder whom the
    agent saw. Raises NotPossible, HeldByOther.
    """
    conversation = held(conversation_id, agent, from_agent)
    if conversation.owner not in (Owner.WAITING, Owner.AGENT):
        raise NotPossible("No person has been asked for here. Take it over first.")
    if note.strip():
        write_note(conversation_id, agent, note)
        conversation = locked(conversation_id)
    _wake(conversation)
    note_act(conversation, agent, DeskVerb.TEAM, f"to {team or 'everybody'}")
    assigning.put_to(conversation, team.pk if team else None)
    if not escalations.release(conversation_id, keep_team=True):
        escalations.hand_on(conversation)


@transaction.atomic
def hand_back(conversation_id: uuid.UUID, agent: User, note: str = "") -> None:
    """Let the assistant answer again. Raises TransitionRefused, HeldByOther."""
    conversation = held(conversation_id, agent)
    escalations.hand_back(conversation_id, agent, note)
    note_act(conversation, agent, DeskVerb.HAND_BACK, note)


@transaction.atomic
def resolve(conversation_id: uuid.UUID, agent: User, note: str = "") -> None:
    """End the conversation until the customer writes again. Raises HeldByOther."""
    conversation = held(conversation_id, agent)
    _wake(conversation)
    escalations.close(conversation_id, agent, note)
    note_act(conversation, agent, DeskVerb.RESOLVE, note)


@transaction.atomic
def snooze(conversation_id: uuid.UUID, agent: User, until: datetime) -> None:
    """Put the conversation off; it comes back then, or when the customer writes.

    Raises NotPossible, HeldByOther.
    """
    now = timezone.now()
    if not now < until <= now + LONGEST_SNOOZE:
        raise NotPossible(f"Choose a time within the next {LONGEST_SNOOZE.days} days.")
    conversation = held(conversation_id, agent)
    if conversation.owner == Owner.CLOSED:
        raise NotPossible("A closed conversation cannot be snoozed.")
    DeskState.objects.update_or_create(conversation=conversation, defaults={"snoozed_until": until})
    note_act(conversation, agent, DeskVerb.SNOOZE, f"until {until.isoformat(timespec='minutes')}")


@transaction.atomic
def wake(conversation_id: uuid.UUID, agent: User) -> None:
    """End a snooze."""
    conversation = locked(conversation_id)
    if _wake(conversation):
        note_act(conversation, agent, DeskVerb.WAKE)


@transaction.atomic
def write_note(conversation_id: uuid.UUID, agent: User, text: str) -> Note:
    """Add a private note after the last message there is."""
    conversation = locked(conversation_id)
    note = Note.objects.create(
        conversation=conversation,
        author=agent,
        text=text.strip(),
        after_seq=conversation.last_seq,
    )
    note_act(conversation, agent, DeskVerb.NOTE, f"{len(note.text)} characters")
    return note


def holder_of(conversation: Conversation) -> User | None:
    """Return the agent who has the conversation; None when no person has."""
    if conversation.owner != Owner.AGENT or conversation.agent_id is None:
        return None
    return User.objects.get(pk=conversation.agent_id)


def held(conversation_id: uuid.UUID, agent: User, from_agent: int | None = None) -> Conversation:
    """Return the conversation, locked. Raises HeldByOther when a colleague has it.

    `from_agent`: the colleague from whom it is taken knowingly.
    """
    conversation = locked(conversation_id)
    holder = holder_of(conversation)
    if holder is not None and holder.pk not in (agent.pk, from_agent):
        raise HeldByOther(holder)
    return conversation


def _wake(conversation: Conversation) -> bool:
    snoozed = DeskState.objects.filter(conversation=conversation, snoozed_until__isnull=False)
    return bool(snoozed.update(snoozed_until=None))

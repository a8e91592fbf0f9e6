"""A person is asked, takes the chat, replies, hands it back, or closes it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from conversations.actions import assigning, attachments, handoffs
from conversations.actions.cached_answers import drop_corrected
from conversations.actions.thread import (
    append_message,
    give_unanswered_questions_to_bot,
    locked,
    set_owner,
)
from conversations.models import (
    Conversation,
    DeskAct,
    DeskVerb,
    Escalation,
    EscalationReason,
    EscalationState,
    Message,
    MessageKind,
    MessageRole,
)
from conversations.ownership import EndedRequest, Owner, OwnershipEvent, may_ask_again
from conversations.transcript import attached_words
from conversations.typing_signs import agent_has_written

RUNNING = (EscalationState.OPEN, EscalationState.TAKEN)
SUMMARY_CHARACTERS = 300
MAX_NOTE_CHARACTERS = 2000


@transaction.atomic
def request_person(conversation_id: uuid.UUID, note: str = "") -> Escalation:
    """The customer asks for a person; asking twice is one request. Raises TooManyRings."""
    conversation = locked(conversation_id)
    if not conversation.escalations.filter(state__in=RUNNING).exists():
        handoffs.count_ring(conversation)
    last = conversation.messages.filter(kind=MessageKind.QUESTION).order_by("-seq").first()
    if note.strip():
        last = append_message(
            conversation,
            role=MessageRole.CUSTOMER,
            kind=MessageKind.NOTICE,
            text=note.strip()[:MAX_NOTE_CHARACTERS],
            code="details",
        )
    return open_escalation(conversation, EscalationReason.REQUESTED, last)


def open_escalation(
    conversation: Conversation, reason: EscalationReason, message: Message | None
) -> Escalation:
    """Ask for a person; the conversation must be locked. A running request is returned as it is."""
    running = conversation.escalations.filter(state__in=RUNNING).first()
    # An agent whose account is gone answers nobody: the chat waits again.
    left = conversation.owner == Owner.AGENT and conversation.agent is None
    if running is not None:
        if left:
            _open_again(running, conversation)
        return running
    escalation = Escalation(
        conversation=conversation, reason=reason, message=message, summary=_summary(conversation)
    )
    if conversation.agent is not None:
        # Whoever has the chat has heard it.
        _note_taken(escalation, conversation.agent)
        return escalation
    escalation.save()
    event = OwnershipEvent.RELEASE if left else OwnershipEvent.ESCALATE
    set_owner(conversation, event, notice="person_requested")
    _hand_to_people(escalation, conversation)
    return escalation


@transaction.atomic
def give_up(conversation_id: uuid.UUID) -> bool:
    """Take a chat from an agent who cannot sign in any more: it waits again, or is the bot's.

    False when it is with somebody who can.
    """
    conversation = locked(conversation_id)
    agent = conversation.agent
    if conversation.owner != Owner.AGENT or (agent is not None and agent.is_active):
        return False
    taken = conversation.escalations.filter(state=EscalationState.TAKEN).first()
    if taken is not None:
        _open_again(taken, conversation)
    else:
        set_owner(conversation, OwnershipEvent.HAND_BACK, notice="agent_left")
    return True


@transaction.atomic
def release(conversation_id: uuid.UUID, *, keep_team: bool = False) -> bool:
    """Have a chat that an agent has wait for another one; False when no agent has it.

    `keep_team`: it waits for the team it has, also for none, whatever its reason.
    """
    conversation = locked(conversation_id)
    if conversation.owner != Owner.AGENT:
        return False
    name = name_of(conversation.agent) if conversation.agent else ""
    taken = conversation.escalations.filter(state=EscalationState.TAKEN).first()
    if taken is None:
        last = conversation.messages.filter(kind=MessageKind.QUESTION).order_by("-seq").first()
        reason = EscalationReason.PASSED_ON
        taken = Escalation(conversation=conversation, reason=reason, message=last)
    taken.summary = _summary(conversation)
    # An account that is gone has no name to tell.
    notice = "passed_on" if name else "person_requested"
    _open_again(taken, conversation, notice=notice, name=name, keep_team=keep_team)
    return True


def hand_on(conversation: Conversation) -> None:
    """Give a waiting chat to a member of its team, if the team gives out; it must be locked."""
    if conversation.owner != Owner.WAITING or conversation.team is None:
        return
    chosen = assigning.next_of(conversation.team)
    if chosen is not None:
        _take(conversation, chosen)
        DeskAct.objects.create(
            conversation=conversation,
            agent=chosen,
            verb=DeskVerb.GIVEN,
            detail=f"by {conversation.team}"[:300],
        )


def may_ask_for(conversation: Conversation, reason: EscalationReason, question: Message) -> bool:
    """Say whether the bot may ask for a person: not again for the same reason and question."""
    ended = conversation.escalations.filter(reason=reason, ended_seq__isnull=False)
    rows = ended.values_list("reason", "ended_seq")
    past = [EndedRequest(why, seq) for why, seq in rows if seq is not None]
    return may_ask_again(reason, question.seq, past)


@transaction.atomic
def withdraw(conversation_id: uuid.UUID) -> None:
    """The customer goes on with the assistant. Raises TransitionRefused when nobody was asked."""
    conversation = locked(conversation_id)
    set_owner(conversation, OwnershipEvent.WITHDRAW, notice="request_withdrawn")
    _end(conversation, EscalationState.WITHDRAWN)
    give_unanswered_questions_to_bot(conversation)


@transaction.atomic
def take(conversation_id: uuid.UUID, agent: User) -> Conversation:
    """An agent takes the chat; from the commit on the bot is silent in it."""
    conversation = locked(conversation_id)
    _take(conversation, agent)
    return conversation


@transaction.atomic
def agent_reply(
    conversation_id: uuid.UUID,
    agent: User,
    text: str,
    client_msg_id: uuid.UUID,
    files: Sequence[uuid.UUID] = (),
) -> Message:
    """An agent answers; the first reply takes the chat. The same id again is the same reply.

    Raises FileRefused when one of the files was not handed in.
    """
    conversation = locked(conversation_id)
    known = conversation.messages.filter(client_msg_id=client_msg_id).first()
    if known is not None:
        return known
    handed_in = attachments.handed_in(conversation, files, agent)
    _take(conversation, agent)
    drop_corrected(conversation)
    reply = append_message(
        conversation,
        role=MessageRole.AGENT,
        kind=MessageKind.REPLY,
        text=text,
        author=agent,
        client_msg_id=client_msg_id,
        attachment_count=len(handed_in),
    )
    if handed_in:
        attachments.send_with(reply, handed_in)
    handoffs.plan_reply_mail(conversation, reply)
    agent_has_written(conversation_id)
    return reply


@transaction.atomic
def hand_back(conversation_id: uuid.UUID, agent: User, resolution: str = "") -> None:
    """The bot answers again from now on. Raises TransitionRefused."""
    conversation = locked(conversation_id)
    set_owner(conversation, OwnershipEvent.HAND_BACK, notice="handed_back", name=name_of(agent))
    _end(conversation, EscalationState.RESOLVED, agent=agent, resolution=resolution)


@transaction.atomic
def close(conversation_id: uuid.UUID, agent: User, resolution: str = "") -> None:
    """The chat is over until the customer writes again."""
    conversation = locked(conversation_id)
    if conversation.owner != Owner.CLOSED:
        set_owner(conversation, OwnershipEvent.CLOSE, notice="closed")
    _end(conversation, EscalationState.RESOLVED, agent=agent, resolution=resolution)


def name_of(agent: User) -> str:
    """Return the name customers see of an agent."""
    return agent.get_short_name() or agent.get_username()


def _take(conversation: Conversation, agent: User) -> None:
    escalation = conversation.escalations.filter(state=EscalationState.OPEN).first()
    if escalation is not None:
        _note_taken(escalation, agent)
    if conversation.owner == Owner.AGENT and conversation.agent_id == agent.pk:
        return
    conversation.agent = agent
    set_owner(conversation, OwnershipEvent.TAKE, notice="agent_joined", name=name_of(agent))


def _note_taken(escalation: Escalation, agent: User) -> None:
    escalation.state = EscalationState.TAKEN
    escalation.agent = agent
    escalation.taken_at = timezone.now()
    handoffs.acknowledge(escalation)
    escalation.save()


def _open_again(
    escalation: Escalation,
    conversation: Conversation,
    notice: str = "person_requested",
    name: str = "",
    keep_team: bool = False,
) -> None:
    escalation.state, escalation.agent, escalation.taken_at = EscalationState.OPEN, None, None
    escalation.warned_at = None
    # What was told of the first wait says nothing of this one.
    if escalation.pk:
        escalation.notices.all().delete()
    escalation.save()
    set_owner(conversation, OwnershipEvent.RELEASE, notice=notice, name=name)
    _hand_to_people(escalation, conversation, keep_team=keep_team)


def _hand_to_people(
    escalation: Escalation, conversation: Conversation, *, keep_team: bool = False
) -> None:
    if not keep_team:
        assigning.route(conversation, escalation.reason)
    handoffs.begin(escalation, conversation)
    hand_on(conversation)


def _end(conversation: Conversation, state: EscalationState, **values: Any) -> None:
    running = conversation.escalations.filter(state__in=RUNNING)
    running.update(state=state, ended_at=timezone.now(), ended_seq=conversation.last_seq, **values)
    # Whose the next request is says its own reason.
    assigning.put_to(conversation, None)


def _summary(conversation: Conversation) -> str:
    """Return the customer's last words, the newest first."""
    questions = conversation.messages.filter(role=MessageRole.CUSTOMER).order_by("-seq")[:3]
    said = (message.text or attached_words(message) for message in questions)
    return " / ".join(said)[:SUMMARY_CHARACTERS]

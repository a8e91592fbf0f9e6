"""Writes around messages: append, claim, record a reply, stop, try again, hand over."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import F, UUIDField
from django.utils import timezone

from conversations import texts
from conversations.actions import answer_signals, handoffs
from conversations.actions.answers import create_answer
from conversations.actions.cached_answers import keep, note_hit
from conversations.actions.escalations import may_ask_for, open_escalation
from conversations.actions.thread import (
    DEADLINE_SECONDS,
    append_message,
    finish,
    give_open_questions_to_people,
    locked,
    locked_of,
)
from conversations.answering.codes import Code
from conversations.answering.values import Disposition, Reply
from conversations.models import (
    Answer,
    Conversation,
    EscalationReason,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
)
from conversations.ownership import Owner, bot_may_speak
from conversations.protocol import update_frame
from conversations.ringing import ring
from conversations.running import LEASE_SECONDS, running_answers
from conversations.streaming import publish_on_commit
from knowledge.compiled_query import CompiledQuery

logger = logging.getLogger(__name__)
_open_questions = CompiledQuery(
    lambda conversation: (
        Message.objects.open_questions().filter(conversation=conversation).order_by("seq")
    ),
    conversation=UUIDField(),
)


def claim(message_id: uuid.UUID) -> Message | None:
    """Take a question to answer it, or return None when it is not to be answered now.

    Questions that wait beside it are one turn with the newest; those whose answer nobody has seen
    yet are given up for it. While an answer is being shown, the newest waits for its end.
    """
    now = timezone.now()
    with transaction.atomic():
        conversation = locked_of(message_id)
        if conversation is None:
            return None
        if not bot_may_speak(Owner(conversation.owner)):
            give_open_questions_to_people(conversation)
            return None
        open_questions = _open_questions.rows(conversation=conversation.pk)
        if not open_questions:
            return None
        for question in open_questions:
            question.conversation = conversation
        newest = open_questions[-1]
        for earlier in open_questions[:-1]:
            if _being_shown(earlier):
                return None
            _merge(earlier, newest)
        return newest if Message.objects.claim(newest, now, LEASE_SECONDS) else None


def turn_text(question: Message) -> str:
    """Return the text of a turn: the questions merged into this one, then its own."""
    if question.seq == 1:
        return question.text
    merged = question.merged.order_by("seq").values_list("text", flat=True)
    return "\n".join([*merged, question.text])


@transaction.atomic
def record_reply(question_id: uuid.UUID, attempt: int, reply: Reply) -> Message | None:
    """Store the one final reply of a question, or return None when this attempt lost its right.

    Fenced by the attempt number, the question's state and the conversation's owner, all read
    under the conversation's lock.
    """
    question = Message.objects.get(pk=question_id)
    conversation = locked(question.conversation_id)
    question.refresh_from_db()
    if question.attempt != attempt or question.state != MessageState.CLAIMED:
        return None
    if not bot_may_speak(Owner(conversation.owner)):
        give_open_questions_to_people(conversation)
        return None
    reply = _asked_again(conversation, question, reply)
    final = append_message(
        conversation,
        role=MessageRole.ASSISTANT,
        kind=MessageKind.FINAL,
        text=reply.text or _standard_reply(conversation, question, reply),
        code=reply.code,
        reply_to=question,
    )
    answer = create_answer(final, turn_text(question), reply, attempt)
    _remember(reply, answer)
    finish(question, MessageState.DONE)
    answer_signals.note_question(conversation, question)
    if reply.disposition is Disposition.ESCALATE:
        _escalate(conversation, question, reply)
    return final


def _standard_reply(conversation: Conversation, question: Message, reply: Reply) -> str:
    language = texts.reply_language(question.text, conversation.words_language)
    return texts.standard_reply(reply.code, language)


@transaction.atomic
def stop(conversation_id: uuid.UUID, message_id: uuid.UUID) -> bool:
    """Stop answering a question; False when there was nothing to stop."""
    conversation = locked(conversation_id)
    question = conversation.messages.open_questions().filter(pk=message_id).first()
    if question is None:
        return False
    finish(question, MessageState.STOPPED)
    transaction.on_commit(partial(running_answers.cancel, question.pk), robust=True)
    return True


@transaction.atomic
def retry(conversation_id: uuid.UUID, message_id: uuid.UUID) -> bool:
    """Ask a stopped question again; False when it has its answer or is not the bot's to answer."""
    conversation = locked(conversation_id)
    stopped = conversation.messages.filter(pk=message_id, state=MessageState.STOPPED)
    if not bot_may_speak(Owner(conversation.owner)):
        return False
    deadline = timezone.now() + timedelta(seconds=DEADLINE_SECONDS)
    if not stopped.update(state=MessageState.PENDING, lease_until=None, deadline_at=deadline):
        return False
    question = conversation.messages.get(pk=message_id)
    publish_on_commit(conversation.pk, partial(update_frame, question))
    transaction.on_commit(partial(ring, question.pk), robust=True)
    return True


def release(question_id: uuid.UUID, attempt: int) -> None:
    """Give a claimed question back at once, for a process that stops."""
    held = Message.objects.filter(pk=question_id, attempt=attempt, state=MessageState.CLAIMED)
    held.update(state=MessageState.PENDING, lease_until=None)


@transaction.atomic
def seize(question_id: uuid.UUID) -> int | None:
    """Take an overdue question away from whoever has it; return the attempt to record with."""
    row = Message.objects.filter(pk=question_id)
    question = row.get()
    locked(question.conversation_id)
    taken = row.open_questions().update(
        state=MessageState.CLAIMED, attempt=F("attempt") + 1, lease_until=None
    )
    return row.get().attempt if taken else None


def _merge(earlier: Message, newest: Message) -> None:
    earlier.merged_into = newest
    earlier.merged.update(merged_into=newest)
    earlier.save(update_fields=["merged_into"])
    finish(earlier, MessageState.MERGED)
    transaction.on_commit(partial(running_answers.cancel, earlier.pk), robust=True)


def _being_shown(question: Message) -> bool:
    live = question.lease_until is not None and question.lease_until > timezone.now()
    claimed = question.state == MessageState.CLAIMED
    return claimed and live and question.shown_at is not None


def _remember(reply: Reply, answer: Answer) -> None:
    """Keep the answer for others, or note that it was a kept one."""
    try:
        with transaction.atomic():
            if reply.served:
                note_hit(reply.served, answer)
            if reply.to_keep:
                keep(reply.to_keep, answer)
    except DatabaseError:
        # The customer's answer is worth more than what others may get of it.
        logger.exception("answer_cache.not_written", extra={"message_id": str(answer.message_id)})


def _asked_again(conversation: Conversation, question: Message, reply: Reply) -> Reply:
    """Return the reply; where a person had this question, or was rung for too often, say so."""
    if reply.disposition is not Disposition.ESCALATE:
        return reply
    reason = EscalationReason(reply.escalation_reason or EscalationReason.RULE)
    if not may_ask_for(conversation, reason, question):
        code = Code.ASKED_BEFORE
    elif reason == EscalationReason.REQUESTED and handoffs.rings_too_often(conversation):
        code = Code.RING_LIMIT
    else:
        return reply
    return replace(
        reply,
        text="",
        code=code,
        disposition=Disposition.REFUSE,
        escalation_reason="",
        human_offered=True,
    )


def _escalate(conversation: Conversation, question: Message, reply: Reply) -> None:
    reason = EscalationReason(reply.escalation_reason or EscalationReason.RULE)
    open_escalation(conversation, reason, question)

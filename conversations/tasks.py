"""The worker's side of a message: claim, load, answer, record. No decisions here."""

from __future__ import annotations

import logging
import uuid

from celery import shared_task
from django.db import DatabaseError
from django.db.models import UUIDField

from conversations import operator_settings, summaries, wiring
from conversations.actions.incidents import note_trouble
from conversations.actions.messages import claim, record_reply, release, turn_text
from conversations.answering.pipeline import answer
from conversations.answering.values import Question, Reply
from conversations.delivering import deliver
from conversations.handover import handover_reply
from conversations.loading import question_of
from conversations.models import Conversation, Message
from conversations.pooled_connection import give_back
from conversations.preparing import Preparation
from conversations.ringing import ring, ring_for_summary
from conversations.running import running_answers
from conversations.streaming import StreamProgress
from conversations.switches import held_back, switched
from knowledge.compiled_query import CompiledQuery
from observability.models import Incident
from observability.tracing import bind, current_trace_id, start_trace

logger = logging.getLogger(__name__)
_asked: CompiledQuery[str] = CompiledQuery(
    lambda message: (
        Message.objects.open_questions()
        .filter(pk=message)
        .order_by()
        .values_list("text", flat=True)
    ),
    message=UUIDField(),
)


@shared_task(name="conversations.tasks.answer_message")
def answer_message(message_id: str) -> None:
    """Answer one question, unless another worker has it or its answer is there already."""
    if not current_trace_id():
        start_trace()
    pk = uuid.UUID(message_id)
    _look_ahead(pk)
    preparation = Preparation()
    try:
        question = claim(pk)
        if question is not None:
            _show(question, preparation)
    finally:
        preparation.end()


@shared_task(name="conversations.tasks.summarise")
def summarise(conversation_id: str) -> None:
    """Write down in short what the next prompts of a conversation have no room for."""
    if not current_trace_id():
        start_trace()
    summaries.keep_short(uuid.UUID(conversation_id))


@shared_task(name="conversations.tasks.deliver_notice")
def deliver_notice(notice_id: str, rung: int) -> None:
    """Send one notice of the outbox."""
    if not current_trace_id():
        start_trace()
    deliver(uuid.UUID(notice_id), rung)


def _look_ahead(message_id: uuid.UUID) -> None:
    """Have the question embedded while this answer waits for its place and reads its rows."""
    for asked in _asked.rows(message=message_id):
        wiring.embed_ahead(asked)


def _show(question: Message, preparation: Preparation) -> None:
    bind(conversation=question.conversation_id, message=question.pk, attempt=question.attempt)
    progress = StreamProgress(
        question.conversation_id, question.pk, question.attempt, on_writing=preparation.end
    )
    running_answers.start(progress)
    try:
        _answer(question, progress)
    finally:
        running_answers.finish(progress)
        _ring_for_the_next(question.conversation_id)


def _answer(question: Message, progress: StreamProgress) -> None:
    asked = question_of(question, turn_text(question))
    reply = _made(asked, question, progress)
    if progress.cancelled():
        if running_answers.stopping():
            release(question.pk, question.attempt)
        return
    reply = held_back(reply)
    final = record_reply(question.pk, question.attempt, reply)
    if final is None:
        progress.cancel()
        logger.info("message.attempt_discarded")
        return
    note_trouble(question, reply)
    if reply.model and summaries.may_be_due(final.seq, question.text):
        ring_for_summary(question.conversation_id)
    logger.info(
        "message.answered",
        extra={
            "disposition": str(reply.disposition),
            "source": str(reply.source),
            "characters": len(reply.text),
            "seconds": round((final.created_at - question.created_at).total_seconds(), 3),
        },
    )


def _made(asked: Question, question: Message, progress: StreamProgress) -> Reply:
    try:
        told = operator_settings.now()
        toolbox = wiring.toolbox(
            conversation_id=question.conversation_id,
            message_id=question.pk,
            visitor_id=question.conversation.visitor_id,
            attempt=question.attempt,
            with_cache=True,
            told=told,
        )
        asked, toolbox = switched(asked, toolbox, question, told.state)
        give_back()
        return answer(asked, toolbox, progress)
    except DatabaseError:
        # The lease runs out and the sweeper rings again.
        raise
    except Exception as error:
        logger.exception("message.pipeline_failed", extra={"message_id": str(question.pk)})
        progress.retract()
        Incident.objects.create(
            kind="pipeline_failed",
            detail=type(error).__name__,
            conversation_id=question.conversation_id,
            message_id=question.pk,
            trace_id=current_trace_id(),
        )
        return handover_reply(error=type(error).__name__)


def _ring_for_the_next(conversation_id: uuid.UUID) -> None:
    """A question that came while an answer was being shown waits for its end."""
    waiting = Conversation(pk=conversation_id).messages.open_questions().order_by("-seq").first()
    if waiting is not None and not running_answers.stopping():
        ring(waiting.pk)

"""Rings the worker. The row is the queue; a ring that gets lost is repaired by the sweeper."""

from __future__ import annotations

import logging
import uuid

from celery import current_app

logger = logging.getLogger(__name__)
TASK = "conversations.tasks.answer_message"
SUMMARY_TASK = "conversations.tasks.summarise"
DELIVER = "conversations.tasks.deliver_notice"


def ring(message_id: uuid.UUID) -> None:
    """Tell a worker that a question waits; never raises, never waits long."""
    _send(TASK, message_id)


def ring_for_summary(conversation_id: uuid.UUID) -> None:
    """Tell a worker that older turns may be summarised; one that gets lost is missed by nobody."""
    _send(SUMMARY_TASK, conversation_id)


def _send(task: str, subject: uuid.UUID) -> None:
    try:
        current_app.send_task(task, args=(str(subject),), queue="answers", retry=False)
    except Exception as error:
        logger.warning("message.ring_failed", extra={"error": type(error).__name__})


def ring_to_deliver(notice_id: uuid.UUID, rung: int) -> None:
    """Tell a worker to send a notice; never raises: a lost ring is made again after a while."""
    try:
        current_app.send_task(DELIVER, args=(str(notice_id), rung), queue="answers", retry=False)
    except Exception as error:
        logger.warning("notice.ring_failed", extra={"error": type(error).__name__})

"""Rings the worker. The row is the queue; a ring that gets lost is repaired by the sweeper."""

from __future__ import annotations

import logging
import uuid

from celery import current_app

logger = logging.getLogger(__name__)
TASK = "conversations.tasks.answer_message"


def ring(message_id: uuid.UUID) -> None:
    """Tell a worker that a question waits; never raises, never waits long."""
    try:
        current_app.send_task(TASK, args=(str(message_id),), queue="answers", retry=False)
    except Exception as error:
        logger.warning("message.ring_failed", extra={"error": type(error).__name__})

"""What went wrong with an answer although the customer got a reply."""

from __future__ import annotations

import logging

from django.db import DatabaseError, transaction

from conversations.actions.suspicion import note_suspicion
from conversations.answering.values import Reply
from conversations.models import Message
from conversations.recording import About, record_incident

logger = logging.getLogger(__name__)


def note_trouble(question: Message, reply: Reply) -> None:
    """Store incidents: no model, half a search, a suspicious message or draft. Never raises."""
    about = About(question.conversation_id, question.pk)
    try:
        if reply.error or reply.degraded:
            _note_failures(reply, about)
        note_suspicion(question, reply)
    except DatabaseError:
        logger.exception("incident not recorded", extra={"message_id": str(question.pk)})


@transaction.atomic
def _note_failures(reply: Reply, about: About) -> None:
    if reply.error:
        record_incident("answered_without_model", reply.error, about)
    if reply.degraded:
        record_incident("search_degraded", reply.degraded, about)

"""That somebody types, for browsers without a socket: kept for some seconds in Django's cache."""

from __future__ import annotations

import logging
import time
import uuid

from django.core.cache import cache

from conversations.streaming import publish_to_staff

logger = logging.getLogger(__name__)
# As long as a page shows it (static/chat/person.js).
SHOWN_SECONDS = 5


def agent_types(conversation_id: uuid.UUID) -> None:
    """Keep that the agent types now."""
    try:
        cache.set(_key(conversation_id), time.time(), SHOWN_SECONDS)
    except Exception as error:
        logger.warning("typing.unavailable", extra={"error": type(error).__name__})


def agent_has_written(conversation_id: uuid.UUID) -> None:
    """Forget that the agent typed: what was written is there."""
    try:
        cache.delete(_key(conversation_id))
    except Exception as error:
        logger.warning("typing.unavailable", extra={"error": type(error).__name__})


def agent_typed_at(conversation_id: uuid.UUID) -> float | None:
    """Return when the agent typed last, if that was a moment ago."""
    try:
        found: float | None = cache.get(_key(conversation_id))
    except Exception:
        return None
    return found


def customer_types(conversation_id: uuid.UUID) -> None:
    """Tell the agents who look at the conversation."""
    publish_to_staff(conversation_id, {"type": "typing", "who": "customer"})


def _key(conversation_id: uuid.UUID) -> str:
    return f"typing:{conversation_id}"

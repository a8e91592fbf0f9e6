"""Periodic work that belongs to no single app."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from conversations.actions.cached_answers import forget_old
from conversations.models import Visitor
from conversations.tokens import forget_expired
from knowledge.actions.reviews import remind_reviews
from observability.models import Incident
from supportbot.schedule import HOUSEKEEPING, REVIEWS

# A browser that opened the page and never wrote: nothing of value hangs on it.
EMPTY_VISITOR_DAYS = 30
INCIDENT_DAYS = 180
logger = logging.getLogger(__name__)


@shared_task(name=HOUSEKEEPING)
def housekeeping() -> None:
    """Drop what nobody needs any more, and log how much it was."""
    now = timezone.now()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    _, by_kind = (
        Visitor.objects.filter(seen_at__lt=now - timedelta(days=EMPTY_VISITOR_DAYS))
        .exclude(conversations__messages__isnull=False)
        .delete()
    )
    incidents, _ = Incident.objects.filter(
        created_at__lt=now - timedelta(days=INCIDENT_DAYS)
    ).delete()
    kept_answers = forget_old()
    tokens = forget_expired(now)
    logger.info(
        "housekeeping.done",
        extra={
            "kept_answers": kept_answers,
            "sessions": sessions,
            "tokens": tokens,
            "visitors": by_kind.get("conversations.Visitor", 0),
            "incidents": incidents,
        },
    )


@shared_task(name=REVIEWS)
def remind_owners() -> None:
    """Write to the owners of documents that are to be read again, once for each day."""
    number = remind_reviews(timezone.now())
    if number:
        logger.info("reviews.reminded", extra={"documents": number})

"""Is somebody consuming a queue? Seen from the database, true in both profiles.

Each task that runs leaves a sign of life, and so does each step of a document or a source. When
something waits and no sign came for a minute, nobody is there.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from knowledge.models import Document, DocumentStatus, QueueSighting, Source

INGESTION = "ingestion"
SOURCES = "sources"
PATIENCE_SECONDS = 60.0


def saw_queue(queue: str = INGESTION) -> None:
    """Leave a sign of life."""
    QueueSighting.objects.update_or_create(queue=queue, defaults={"seen_at": timezone.now()})


def nobody_consumes() -> str:
    """Return the sentence that says that no worker takes documents, or "" when one does."""
    since = _since()
    waiting = Document.objects.filter(status=DocumentStatus.QUEUED, updated_at__lt=since)
    if not waiting.exists() or _seen(INGESTION, since):
        return ""
    beat = Document.objects.aggregate(last=Max("heartbeat_at"))["last"]
    if beat is not None and beat >= since:
        return ""
    return _told(INGESTION, "nothing is read in")


def nobody_runs_sources() -> str:
    """Return the sentence that says that no worker reads sources, or "" when one does.

    One that is due waits rightly while all workers read others: their leases are a sign of life.
    One whose worker was lost waits too.
    """
    now = timezone.now()
    since = _since()
    if not Source.objects.due(since).exists() or _seen(SOURCES, since):
        return ""
    if Source.objects.filter(running=True, lease_until__gte=now).exists():
        return ""
    return _told(SOURCES, "no source is read")


def _since() -> datetime:
    return timezone.now() - timedelta(seconds=PATIENCE_SECONDS)


def _seen(queue: str, since: datetime) -> bool:
    return QueueSighting.objects.filter(queue=queue, seen_at__gte=since).exists()


def _told(queue: str, so: str) -> str:
    start = (
        "Start the server with scripts/run."
        if settings.EMBEDDED
        else f"Start celery -A supportbot worker -Q {queue}."
    )
    return f"No worker is consuming the {queue} queue, so {so}. {start}"

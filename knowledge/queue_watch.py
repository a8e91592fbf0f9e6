"""Is somebody consuming the ingestion queue? Seen from the database, true in both profiles.

Each task that runs leaves a sign of life, and so does each step of a document. When documents wait
and no sign came for a minute, nobody is there.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from knowledge.models import Document, DocumentStatus, QueueSighting

INGESTION = "ingestion"
PATIENCE_SECONDS = 60.0


def saw_queue() -> None:
    """Leave a sign of life."""
    QueueSighting.objects.update_or_create(queue=INGESTION, defaults={"seen_at": timezone.now()})


def nobody_consumes() -> str:
    """Return the sentence that says that no worker takes documents, or "" when one does."""
    now = timezone.now()
    since = now - timedelta(seconds=PATIENCE_SECONDS)
    waiting = Document.objects.filter(status=DocumentStatus.QUEUED, updated_at__lt=since)
    if not waiting.exists():
        return ""
    seen = QueueSighting.objects.filter(queue=INGESTION, seen_at__gte=since).exists()
    beat = Document.objects.aggregate(last=Max("heartbeat_at"))["last"]
    if seen or (beat is not None and beat >= since):
        return ""
    start = (
        "Start the server with scripts/run."
        if settings.EMBEDDED
        else "Start celery -A supportbot worker -Q ingestion."
    )
    return f"No worker is consuming the ingestion queue, so nothing is read in. {start}"

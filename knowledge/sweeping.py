"""Rings again for documents that wait or were left behind. Needs only the database."""

from __future__ import annotations

from django.utils import timezone

from knowledge.intake import ring
from knowledge.models import Document, DocumentStatus
from knowledge.models.document import WORKING_STATUSES

# Ringing for more than a few at once only fills the broker; the next sweep rings for the others.
AT_ONCE = 4


def sweep_documents() -> int:
    """Ring for the oldest waiting documents; return for how many."""
    waiting = list(Document.objects.waiting(timezone.now()).order_by("updated_at")[:AT_ONCE])
    for document in waiting:
        ring(document)
    return len(waiting)


def void_document_leases() -> int:
    """Queue again what a dead process was working on. Only for a start with nobody else alive."""
    left = Document.objects.filter(status__in=WORKING_STATUSES)
    return left.update(status=DocumentStatus.QUEUED, lease_until=None)

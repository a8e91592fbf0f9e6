"""How many documents stand where, in the few groups that an operator counts."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from knowledge.models import Document, DocumentStatus
from knowledge.models.document import WORKING_STATUSES

BUSY = (DocumentStatus.QUEUED, *WORKING_STATUSES)


@dataclass(frozen=True, slots=True)
class Group:
    """States that count as one. Each document is in exactly one group."""

    key: str
    label: str
    statuses: tuple[str, ...]
    tone: str = ""


GROUPS = (
    Group("ready", "Ready", (DocumentStatus.INDEXED,)),
    Group("working", "Working", BUSY),
    Group("held", "Held", (DocumentStatus.HELD,), "warning"),
    Group("failed", "Failed", (DocumentStatus.FAILED,), "danger"),
    Group("withdrawn", "Withdrawn", (DocumentStatus.WITHDRAWN,)),
)


def numbers() -> dict[str, int]:
    """Return how many documents each group has, by its key and in the groups' order."""
    rows = Document.objects.order_by("status").values_list("status").annotate(Count("pk"))
    by_status: dict[str, int] = dict(rows)
    return {
        group.key: sum(by_status.get(status, 0) for status in group.statuses) for group in GROUPS
    }

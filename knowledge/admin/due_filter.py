"""Which documents of the list are to be read again, or soon answer no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from knowledge.actions.reviews import (
    DUE,
    EXPIRING,
    EXPIRY_NOTICE_DAYS,
    REVIEW,
    expiring,
    to_review,
)
from knowledge.models import Document


class DueFilter(SimpleListFilter):
    """Documents to review, and those that expire soon."""

    title = "due"
    parameter_name = DUE

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Return the two choices."""
        return (
            (REVIEW, "to review"),
            (EXPIRING, f"expires within {EXPIRY_NOTICE_DAYS} days"),
        )

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Document]
    ) -> QuerySet[Document] | None:
        """Keep those of the choice."""
        chosen = {REVIEW: to_review, EXPIRING: expiring}.get(self.value() or "")
        if chosen is None:
            return queryset
        return queryset.filter(pk__in=chosen(timezone.now()).values("pk"))

"""What the ledger of LLM calls can be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import TextFilter

from observability.models import LlmCall

Calls = QuerySet[LlmCall]


class OutcomeFilter(admin.SimpleListFilter):
    """Successful or failed calls."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer the two, and each error that there was."""
        errors = LlmCall.objects.exclude(outcome="ok").order_by("outcome")
        names = errors.values_list("outcome", flat=True).distinct()
        return [("ok", "Successful"), ("failed", "Failed"), *((name, name) for name in names)]

    def queryset(self, request: HttpRequest, queryset: Calls) -> Calls:
        """Keep those asked for."""
        value = self.value()
        if value == "failed":
            return queryset.exclude(outcome="ok")
        return queryset.filter(outcome=value) if value else queryset


class WhenFilter(admin.SimpleListFilter):
    """The last hours and days, to the minute."""

    title = "time"
    parameter_name = "hours"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer some."""
        return [
            ("1", "Last hour"),
            ("24", "Last 24 hours"),
            ("168", "Last 7 days"),
            ("720", "Last 30 days"),
        ]

    def queryset(self, request: HttpRequest, queryset: Calls) -> Calls:
        """Keep the calls since then."""
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(created_at__gte=timezone.now() - timedelta(hours=int(str(value))))


class SlowFilter(admin.SimpleListFilter):
    """Calls that took longer."""

    title = "duration"
    parameter_name = "over_seconds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer some."""
        return [(str(seconds), f"Over {seconds} s") for seconds in (1, 2, 5, 10, 20)]

    def queryset(self, request: HttpRequest, queryset: Calls) -> Calls:
        """Keep the slower ones."""
        value = self.value()
        if value not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(total_ms__gt=1000 * int(str(value)))


class AnotherModelFilter(admin.SimpleListFilter):
    """Calls of another model than was wanted first, and repeated calls."""

    title = "fallback"
    parameter_name = "fallback"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Offer the kinds."""
        return [
            ("other", "Another model than asked"),
            ("retry", "After a failed call"),
            ("first", "First calls"),
        ]

    def queryset(self, request: HttpRequest, queryset: Calls) -> Calls:
        """Keep those asked for."""
        match self.value():
            case "other":
                return queryset.exclude(asked_model="").exclude(asked_model=F("model"))
            case "retry":
                return queryset.filter(retry__gt=0)
            case "first":
                return queryset.filter(retry=0)
        return queryset


class VisitorFilter(TextFilter):  # type: ignore[misc]  # unfold has no types
    """One visitor's calls, by the id that stands in the conversation and the answer."""

    title = "visitor id"
    parameter_name = "visitor"

    def queryset(self, request: HttpRequest, queryset: Calls) -> Calls:
        """Keep the visitor's; none when it is no id."""
        value = str(self.value() or "").strip()
        if not value:
            return queryset
        try:
            return queryset.filter(visitor_id=UUID(value))
        except ValueError:
            return queryset.none()

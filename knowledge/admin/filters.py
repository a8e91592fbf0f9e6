"""What the list of documents can be narrowed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info

from knowledge.actions.reviews import EXPIRY_NOTICE_DAYS, expiring, to_review
from knowledge.models import Document
from knowledge.overview import GROUPS

SOON_DAYS = 30


class StateFilter(admin.SimpleListFilter):
    """By the groups that are counted above the list."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Return the groups."""
        return [(group.key, group.label) for group in GROUPS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents of the chosen group."""
        for group in GROUPS:
            if group.key == self.value():
                return queryset.filter(status__in=group.statuses)
        return queryset


class ReviewFilter(admin.SimpleListFilter):
    """By when somebody has to read it again."""

    title = "review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Return due, soon due, and without a day."""
        return [("due", "Due"), ("soon", f"Due within {SOON_DAYS} days"), ("none", "No day set")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents whose day has come, or comes soon, or that have none."""
        today: date = timezone.localdate()
        match self.value():
            case "due":
                return queryset.filter(pk__in=to_review(timezone.now()).order_by().values("pk"))
            case "soon":
                return queryset.filter(review_by__lte=today + timedelta(days=SOON_DAYS))
            case "none":
                return queryset.filter(review_by=None)
            case _:
                return queryset


class ValidityFilter(admin.SimpleListFilter):
    """By whether its time has begun and not run out."""

    title = "validity"
    parameter_name = "valid"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Return in force, soon over, not yet, expired."""
        return [
            ("now", "In force"),
            ("soon", f"Expires within {EXPIRY_NOTICE_DAYS} days"),
            ("later", "Not yet in force"),
            ("expired", "Expired"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents whose time is now, comes, or is over."""
        now: datetime = timezone.now()
        match self.value():
            case "now":
                begun = Q(valid_from=None) | Q(valid_from__lte=now)
                return queryset.filter(begun & (Q(valid_until=None) | Q(valid_until__gt=now)))
            case "soon":
                return queryset.filter(pk__in=expiring(now).values("pk"))
            case "later":
                return queryset.filter(valid_from__gt=now)
            case "expired":
                return queryset.filter(valid_until__lte=now)
            case _:
                return queryset


class ReadersFilter(admin.RelatedFieldListFilter):
    """By who may read it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.title = "readers"
        self.empty_value_display = SafeString("Nobody")


class SourceFilter(admin.RelatedOnlyFieldListFilter):
    """By the source that brought it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.title = "source"
        self.empty_value_display = SafeString("None")


class OwnerFilter(admin.RelatedOnlyFieldListFilter):
    """By who looks after it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.empty_value_display = SafeString("Nobody")


class LanguageFilter(admin.SimpleListFilter):
    """By the language that was found when it was read."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        """Return the languages that there are documents in."""
        rows = Document.objects.exclude(language="").order_by("language")
        return [
            (code, _language(code)) for code in rows.values_list("language", flat=True).distinct()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> QuerySet[Document]:
        """Return the documents in the chosen language."""
        return queryset.filter(language=self.value()) if self.value() else queryset


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


FILTERS: tuple[Any, ...] = (
    StateFilter,
    "collection",
    ("audiences", ReadersFilter),
    "kind",
    ("from_source", SourceFilter),
    ("owner", OwnerFilter),
    LanguageFilter,
    "published",
    ValidityFilter,
    ReviewFilter,
)

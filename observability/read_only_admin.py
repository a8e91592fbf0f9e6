"""Admin pages for rows that only the program writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from unfold.admin import ModelAdmin


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Shows rows to those who may view them; nobody adds, changes or deletes any."""

    list_fullwidth = True
    actions: tuple[str, ...] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


def ago(moment: datetime) -> SafeString:
    """Return how long ago a moment was, with the exact time on hover."""
    exact = date_format(timezone.localtime(moment), "j F Y, H:i:s")
    words = timesince(moment, depth=1)
    return format_html(
        '<time datetime="{}" title="{}">{} ago</time>', moment.isoformat(), exact, words
    )

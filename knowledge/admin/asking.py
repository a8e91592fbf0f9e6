"""Who asks for what in a request to the admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from knowledge.acts import Asked

MOST_DIGITS = 9


def asked_by(request: HttpRequest) -> Asked:
    """Return who asks, and for which version the form says so."""
    user: Any = request.user
    return Asked(user, number_in(request.POST.get("version", "")))


def number_in(text: str) -> int:
    """Return the number that a form or an address holds, or 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0

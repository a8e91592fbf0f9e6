"""Small pieces of the lists: a state with its icon, an excerpt of a text."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.models import Feedback

EXCERPT_CHARACTERS = 120


def state_chip(icon: str, tone: str, label: str) -> SafeString:
    """Return a state in words with its icon."""
    return render_to_string(
        "admin/conversations/chip.html", {"icon": icon, "tone": tone, "label": label}
    )


def rating_chip(feedback: Feedback) -> SafeString:
    """Return a rating in words with its icon."""
    icon, tone = ("thumb_up", "good") if feedback.rating > 0 else ("thumb_down", "bad")
    return state_chip(icon, tone, str(feedback.get_rating_display()))


def excerpt(text: str) -> str:
    """Return the beginning of a text in one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else f"{line[:EXCERPT_CHARACTERS]}…"

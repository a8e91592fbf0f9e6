"""The languages of the chat's own words, and which of them a visitor gets."""

from __future__ import annotations

from collections.abc import Sequence

# Code and its name in the language itself, as a customer looks for it.
LANGUAGES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ja": "日本語",
}
DEFAULT = "en"


def chosen_language(wanted: str, accepted: Sequence[str], offered: Sequence[str]) -> str:
    """Return the language to show: the customer's choice, else the browser's, else the site's.

    `accepted` are the browser's languages, the best first; `offered` the site's, its own first.
    """
    offered = [code for code in offered if code in LANGUAGES] or [DEFAULT]
    for code in (wanted, *accepted):
        base = code.strip().lower().partition("-")[0]
        if base in offered:
            return base
    return offered[0]

"""How long somebody has waited: in words, and against the target."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

# The share of the target from which on a wait is told of before it misses it.
WARN_FROM = 0.7
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def in_words(passed: timedelta) -> str:
    """Return a duration in its largest unit, such as "4 minutes"; under a minute in words."""
    seconds = passed.total_seconds()
    for size, name in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "less than a minute"


class Urgency(StrEnum):
    """How a wait stands to its target."""

    FINE = "fine"
    SOON = "soon"
    MISSED = "missed"


def urgency(waited: timedelta, target: timedelta) -> Urgency:
    """Say whether a wait will soon miss its target, or has."""
    if waited >= target:
        return Urgency.MISSED
    return Urgency.SOON if waited >= target * WARN_FROM else Urgency.FINE

"""How long somebody has waited, in words."""

from __future__ import annotations

from datetime import timedelta

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def in_words(passed: timedelta) -> str:
    """Return a duration in its largest unit, such as "4 minutes"; under a minute in words."""
    seconds = passed.total_seconds()
    for size, name in _UNITS:
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {name}{'' if number == 1 else 's'}"
    return "less than a minute"

"""What a customer who asked for a person can expect. Pure.

Every handoff ends as one of `Outcome`. Nothing is promised that is not known: an expected wait is
the median of recent waits, told only when somebody is at the desk and enough waits are known.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from conversations.waiting import in_words
from conversations.working_hours import Schedule, when_in_words

# Fewer recent waits say nothing about the next one.
FEWEST_WAITS = 3


class Outcome(StrEnum):
    """How a handoff stands or ended."""

    QUEUED = "queued"
    ACKNOWLEDGED = "acknowledged"
    EMAIL_TAKEN = "email_taken"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known about when somebody answers. `code` names the sentence (texts.NOTICES)."""

    code: str = ""
    wait: timedelta | None = None
    back_at: datetime | None = None
    values: tuple[tuple[str, str], ...] = ()


def outlook(
    *, present: int, schedule: Schedule | None, waits: Sequence[timedelta], now: datetime
) -> Outlook:
    """Return what to tell a customer who has just asked for a person.

    `present`: agents at the desk now; `waits`: recent ones; no schedule: hours are not known.
    """
    if present:
        wait = expected_wait(waits)
        if wait is None:
            return Outlook()
        return Outlook("wait_expected", wait=wait, values=(("wait", roughly(wait)),))
    if schedule is not None and not schedule.is_open(now):
        back_at = schedule.next_opening(now)
        if back_at is not None:
            words = when_in_words(back_at, now, schedule.zone)
            return Outlook("outside_hours", back_at=back_at, values=(("when", words),))
    return Outlook("nobody_here")


def expected_wait(waits: Sequence[timedelta]) -> timedelta | None:
    """Return the median of recent waits, or None when too few are known."""
    if len(waits) < FEWEST_WAITS:
        return None
    return timedelta(seconds=statistics.median(wait.total_seconds() for wait in waits))


def roughly(wait: timedelta) -> str:
    """Return a wait in words, rounded up: to minutes, to 5 minutes from 10 on, then to hours."""
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    if minutes > 10:
        minutes = math.ceil(minutes / 5) * 5
    if minutes > 60:
        minutes = math.ceil(minutes / 60) * 60
    return in_words(timedelta(minutes=minutes))

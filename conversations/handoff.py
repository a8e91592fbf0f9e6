"""What a customer who asked for a person can expect. Pure.

Every handoff ends as one of `Outcome`. Nothing is promised that is not known: an expected wait is
the median of recent waits, told only when somebody is at the desk and enough waits are known.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from conversations.working_hours import Schedule

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
    """What is known about when somebody answers.

    `code` names the sentence (texts.notice) and `values` what it holds, without any language.
    """

    code: str = ""
    wait: timedelta | None = None
    back_at: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)


def outlook(
    *,
    present: int,
    schedule: Schedule | None,
    waits: Sequence[timedelta],
    now: datetime,
    place: int = 1,
) -> Outlook:
    """Return what to tell a customer who has just asked for a person.

    `present`: agents at the desk now; `waits`: recent ones; no schedule: hours are not known;
    `place`: which in the queue this request is.
    """
    if present:
        return _in_the_queue(expected_wait(waits), place)
    if schedule is not None and not schedule.is_open(now):
        back_at = schedule.next_opening(now)
        if back_at is not None:
            when = {"at": back_at.isoformat(), "zone": schedule.zone.key, "told": now.isoformat()}
            return Outlook("outside_hours", back_at=back_at, values={"when": when})
    return Outlook("nobody_here")


def _in_the_queue(wait: timedelta | None, place: int) -> Outlook:
    ahead = place > 1
    values: dict[str, Any] = {"place": place} if ahead else {}
    if wait is None:
        return Outlook("place_in_queue", values=values) if ahead else Outlook()
    values["wait"] = roughly(wait)
    return Outlook("wait_in_queue" if ahead else "wait_expected", wait=wait, values=values)


def expected_wait(waits: Sequence[timedelta]) -> timedelta | None:
    """Return the median of recent waits, or None when too few are known."""
    if len(waits) < FEWEST_WAITS:
        return None
    return timedelta(seconds=statistics.median(wait.total_seconds() for wait in waits))


def roughly(wait: timedelta) -> int:
    """Return a wait in minutes, rounded up: to 5 minutes from 10 on, to hours above one."""
    minutes = max(1, math.ceil(wait.total_seconds() / 60))
    if minutes > 10:
        minutes = math.ceil(minutes / 5) * 5
    if minutes > 60:
        minutes = math.ceil(minutes / 60) * 60
    return minutes

"""When people are at the desk: hours by weekday in a time zone, and days that are closed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60
# How far ahead an opening is looked for: a whole year of closed days is a mistake.
MOST_DAYS_AHEAD = 370
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class HoursNotReadable(ValueError):
    """The text is no list of hours or days. The message is a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute of a day to another, the second one excluded."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Spans by weekday (0 is Monday), in local time."""

    zone: ZoneInfo
    spans: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    closed_on: frozenset[date] = frozenset()

    def is_open(self, at: datetime) -> bool:
        """Say whether somebody is to be at the desk at a moment."""
        local = at.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(span.opens <= minute < span.closes for span in self._of(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """Return the first opening after a moment in UTC, or None when there is none in a year."""
        day = at.astimezone(self.zone).date()
        for _ in range(MOST_DAYS_AHEAD):
            for span in self._of(day):
                opening = self._moment(day, span.opens)
                if opening > at:
                    return opening
            day += timedelta(days=1)
        return None

    def _of(self, day: date) -> tuple[Span, ...]:
        return () if day in self.closed_on else self.spans.get(day.weekday(), ())

    def _moment(self, day: date, minute: int) -> datetime:
        # A time that the clock skips in spring becomes the same time an hour later.
        local = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
        return local.astimezone(UTC)


def read_spans(text: str) -> tuple[Span, ...]:
    """Read hours such as "09:00-12:30, 13:30-17:00"; nothing: closed. Raises HoursNotReadable."""
    found = [_span(part.strip()) for part in text.split(",") if part.strip()]
    found.sort(key=lambda span: span.opens)
    for earlier, later in pairwise(found):
        if later.opens < earlier.closes:
            raise HoursNotReadable("These hours overlap. Write each part of the day once.")
    return tuple(found)


def read_days(text: str) -> frozenset[date]:
    """Read days such as "2026-12-25", one a line; a note may follow. Raises HoursNotReadable."""
    found = set()
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            found.add(date.fromisoformat(line.split()[0]))
        except ValueError:
            raise HoursNotReadable(
                f"{line!r} does not begin with a day. Write it like 2026-12-25, one a line."
            ) from None
    return frozenset(found)


def when_in_words(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Return a moment to come as people say it, such as "tomorrow at 09:00 (Europe/Berlin)"."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    if days == 0:
        day = "today"
    elif days == 1:
        day = "tomorrow"
    elif days < len(DAYS):
        day = f"on {local:%A}"
    else:
        day = f"on {local.day} {local:%B}"
    return f"{day} at {local:%H:%M} ({zone.key})"


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise HoursNotReadable(f"{text!r} are no hours. Write them like 09:00-17:00.")
    opens, closes = _minute(found[1], found[2]), _minute(found[3], found[4])
    if not opens < closes:
        raise HoursNotReadable(
            f"{text!r} ends before it begins. Split a night at midnight: 22:00-24:00 and, on the "
            "next day, 00:00-06:00."
        )
    return Span(opens, closes)


def _minute(hour: str, minute: str) -> int:
    number = int(hour) * 60 + int(minute)
    if int(minute) >= 60 or number > MINUTES_A_DAY:
        raise HoursNotReadable(f"{hour}:{minute} is no time of day. Write it like 17:30.")
    return number

"""When people are at the desk: hours by weekday in a time zone, and days with others. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MINUTES_A_DAY = 24 * 60
# How far ahead an opening is looked for: a whole year of closed days is a mistake.
MOST_DAYS_AHEAD = 370
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_LIKE_HOURS = re.compile(r"\d\s*[-–:.]\s*\d")
_LEADING_SPANS = re.compile(rf"{_SPAN.pattern}(?:\s*,\s*{_SPAN.pattern})*")


class HoursNotReadable(ValueError):
    """The text is no list of hours or days. The message is a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute of a day to another, the second one excluded."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """Spans by weekday (0 is Monday) in local time; `other_days` have their own, or none."""

    zone: ZoneInfo
    spans: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    other_days: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)

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
        if day in self.other_days:
            return self.other_days[day]
        return self.spans.get(day.weekday(), ())

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


def read_days(text: str) -> dict[date, tuple[Span, ...]]:
    """Read days such as "2026-12-25", one a line, with their hours or none; a note may follow.

    Raises HoursNotReadable.
    """
    return {day: read_spans(hours) for day, hours, _ in _lines(text)}


def check_days(text: str) -> None:
    """See that nothing in a list of days means something else than it says.

    Apart from reading, so that a list that was kept before stays readable. Raises HoursNotReadable.
    """
    found = list(_lines(text))
    for day, hours, note in found:
        read_spans(hours)
        if not hours and _LIKE_HOURS.search(note):
            raise HoursNotReadable(
                f"{note!r} would be a note and the day closed. Write hours right after the day: "
                f"{day} 09:00-12:00."
            )
    days = [day for day, _, _ in found]
    twice = next((day for day in days if days.count(day) > 1), None)
    if twice:
        raise HoursNotReadable(f"{twice} stands there twice. Write each day once.")


def _lines(text: str) -> Iterator[tuple[date, str, str]]:
    """Give each line's day, hours and note."""
    for line in filter(None, map(str.strip, text.splitlines())):
        written, *rest = line.split(None, 1)
        try:
            day = date.fromisoformat(written)
        except ValueError:
            raise HoursNotReadable(
                f"{line!r} does not begin with a day. Write it like 2026-12-25, one a line."
            ) from None
        after = rest[0] if rest else ""
        hours = _LEADING_SPANS.match(after)
        yield day, hours[0] if hours else "", after[hours.end() :] if hours else after


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

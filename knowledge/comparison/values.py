"""What a sentence states in figures: amounts with a unit, money, dates, hours, phone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a value is. The words are shown to people."""

    DURATION = "duration"
    PRICE = "price"
    PERCENTAGE = "percentage"
    SIZE = "size"
    MEASURE = "measure"
    DATE = "date"
    HOURS = "hours"
    PHONE = "phone number"
    AGE = "age"
    VERSION = "version"
    NUMBER = "number"


class Bound(StrEnum):
    """Whether a value is the least or the most of something."""

    NONE = ""
    LEAST = "least"
    MOST = "most"


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a sentence, at `start` to `end`.

    `low` and `high` are in the kind's own unit (seconds, bytes, minutes after midnight) and the
    same unless it is a range. `unit` tells amounts of one kind that cannot be compared: a
    currency, a measure, the thing counted. `period` is what it is per. `parts` of a date: year,
    month, day, 0 where it is not said. `digits` are those of a phone number. `side`: before or
    after something, empty where it is neither. `every`: how often, not how long.
    """

    kind: Kind
    shown: str
    start: int
    end: int
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    bound: Bound = Bound.NONE
    period: str = ""
    parts: tuple[int, int, int] = (0, 0, 0)
    digits: str = ""
    side: str = ""
    every: bool = False

    @property
    def is_range(self) -> bool:
        """Say whether it has two ends."""
        return self.low != self.high


# Values of these kinds compare with each other whatever their unit.
KINDS_WITHOUT_UNIT = (Kind.DURATION, Kind.DATE)
# "A month" and "30 days", "a year" and "365 days" are meant to be the same.
ROUGHLY = 0.035
_DAY = 86400.0
WORKING = "working days"
# Seven calendar days hold five working days; a holiday may fall into them.
_CALENDAR_DAYS_PER_WORKING_DAY = 1.4
_HOLIDAYS = 2.0
_PHONE_DIGITS_THAT_COUNT = 7


def comparable(first: Value, second: Value) -> bool:
    """Say whether two values could stand for the same thing, so that one of them may be wrong."""
    if first.kind != second.kind:
        return False
    if {first.bound, second.bound} == {Bound.LEAST, Bound.MOST}:
        return False
    if first.every != second.every:
        return False
    if first.period and second.period and first.period != second.period:
        return False
    return first.kind in KINDS_WITHOUT_UNIT or first.unit == second.unit


def disagree(first: Value, second: Value) -> bool:
    """Say whether two comparable values cannot both be right."""
    if first.kind == Kind.PHONE:
        return not _same_phone(first.digits, second.digits)
    if first.kind == Kind.DATE:
        return _dates_disagree(first.parts, second.parts)
    if first.kind == Kind.DURATION and (first.unit == WORKING) != (second.unit == WORKING):
        return _working_days_disagree(first, second)
    if first.is_range == second.is_range:
        return not (_same(first, first.low, second.low) and _same(first, first.high, second.high))
    ends, point = (first, second.low) if first.is_range else (second, first.low)
    if first.kind == Kind.HOURS:
        return not any(_same(first, end, point) for end in (ends.low, ends.high))
    return not ends.low * (1 - ROUGHLY) <= point <= ends.high * (1 + ROUGHLY)


def _same(value: Value, one: float, other: float) -> bool:
    tolerance = ROUGHLY if value.kind == Kind.DURATION else 1e-9
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def _same_phone(one: str, other: str) -> bool:
    shorter, longer = sorted((one.lstrip("0"), other.lstrip("0")), key=len)
    return len(shorter) >= _PHONE_DIGITS_THAT_COUNT and longer.endswith(shorter)


def _dates_disagree(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    return any(a != b for a, b in zip(one, other, strict=True) if a and b)


def _working_days_disagree(first: Value, second: Value) -> bool:
    """Two working days are two to five calendar days: 48 hours agree, 24 hours do not."""
    working, calendar = (first, second) if first.unit == WORKING else (second, first)
    least = working.low
    most = working.high * _CALENDAR_DAYS_PER_WORKING_DAY + _HOLIDAYS * _DAY
    return calendar.high < least * (1 - ROUGHLY) or calendar.low > most

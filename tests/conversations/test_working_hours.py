"""Hours in a time zone: what is open is open, and the next opening is one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from conversations.working_hours import (
    HoursNotReadable,
    Schedule,
    Span,
    check_days,
    read_days,
    read_spans,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Schedule(
    BERLIN,
    dict.fromkeys(range(5), read_spans("09:00-12:30, 13:30-17:00")),
    read_days("2026-12-25 Christmas"),
)
ZONES = some.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"])
MOMENTS = some.datetimes(
    datetime(2026, 1, 1),
    datetime(2027, 12, 31),
    timezones=some.just(UTC),  # noqa: DTZ001
)


@some.composite
def schedules(draw: some.DrawFn) -> Schedule:
    days = {}
    for day in draw(some.sets(some.integers(0, 6))):
        cuts = sorted(draw(some.sets(some.integers(0, 24 * 60), min_size=2, max_size=6)))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        days[day] = tuple(Span(opens, closes) for opens, closes in pairs)
    return Schedule(ZoneInfo(draw(ZONES)), days)


@given(schedules(), MOMENTS)
def test_the_next_opening_is_later_open_and_the_first(schedule: Schedule, at: datetime) -> None:
    opening = schedule.next_opening(at)
    if opening is None:
        assert not any(schedule.spans.values())
        return
    assert opening > at
    assert opening - at < timedelta(days=9)
    step = (opening - at) / 50
    assume(step > timedelta(0))
    states = [schedule.is_open(at + step * number) for number in range(50)]
    # Nothing opens in between: once closed, it stays closed until then.
    assert not any(
        later and not earlier for earlier, later in zip(states, states[1:], strict=False)
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-30 09:00", True),
        ("2026-11-30 08:59", False),
        ("2026-11-30 12:30", False),
        ("2026-11-30 16:59", True),
        ("2026-11-28 10:00", False),
        ("2026-12-25 10:00", False),
    ],
)
def test_open_from_the_first_minute_until_before_the_last(moment: str, is_open: bool) -> None:
    assert OFFICE.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-11-28 10:00", "2026-11-30 09:00"),
        ("2026-11-30 12:45", "2026-11-30 13:30"),
        ("2026-12-24 18:00", "2026-12-28 09:00"),
        # The clock is put back on 25 October 2026.
        ("2026-10-23 18:00", "2026-10-26 09:00"),
    ],
)
def test_the_next_opening(moment: str, opening: str) -> None:
    assert OFFICE.next_opening(at(moment)) == at(opening)


def test_a_time_that_the_clock_skips_is_an_hour_later() -> None:
    night = Schedule(BERLIN, {6: (Span(150, 360),)})
    opening = night.next_opening(at("2026-03-28 12:00"))
    assert opening == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert night.is_open(opening)


@pytest.mark.parametrize(
    "text",
    [
        "9-17",
        "09:00",
        "17:00-09:00",
        "22:00-02:00",
        "09:60-10:00",
        "08:00-24:01",
        "9:00-12:00, 11:00-13:00",
    ],
)
def test_what_are_no_hours_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(HoursNotReadable, match=r"[.]$"):
        read_spans(text)


def test_days_are_read_with_their_hours_and_notes() -> None:
    read = read_days("2026-12-25 Christmas\n\n2026-12-24 09:00-12:00, 13:00-14:00 Christmas Eve")
    assert read == {
        date(2026, 12, 25): (),
        date(2026, 12, 24): (Span(540, 720), Span(780, 840)),
    }
    with pytest.raises(HoursNotReadable, match="25 December"):
        read_days("25 December")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-12-24 from 9-12", "would be a note"),
        ("2026-12-24 12:00-09:00", "ends before it begins"),
        ("2026-12-24\n2026-12-24 09:00-12:00", "stands there twice"),
    ],
)
def test_a_day_that_means_something_else_than_it_says_is_refused(text: str, says: str) -> None:
    with pytest.raises(HoursNotReadable, match=says):
        check_days(text)


def test_a_day_with_hours_of_its_own_is_open_in_them_only() -> None:
    eve = Schedule(BERLIN, OFFICE.spans, read_days("2026-12-24 09:00-12:00 Christmas Eve"))
    assert eve.is_open(at("2026-12-24 11:59"))
    assert not eve.is_open(at("2026-12-24 13:30"))
    sunday = Schedule(BERLIN, OFFICE.spans, read_days("2026-11-29 10:00-11:00"))
    assert sunday.next_opening(at("2026-11-28 10:00")) == at("2026-11-29 10:00")

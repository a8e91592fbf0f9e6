"""What a customer is told when they ask for a person: never more than is known."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from conversations.handoff import FEWEST_WAITS, expected_wait, outlook, roughly
from conversations.waiting import Urgency, urgency
from conversations.working_hours import Schedule, read_spans

SATURDAY = datetime(2026, 11, 28, 10, tzinfo=UTC)
WEEKDAYS = Schedule(ZoneInfo("UTC"), dict.fromkeys(range(5), read_spans("09:00-17:00")))
ALWAYS = Schedule(ZoneInfo("UTC"), dict.fromkeys(range(7), read_spans("00:00-24:00")))
MINUTE = timedelta(minutes=1)
SCHEDULES = some.sampled_from([None, WEEKDAYS, ALWAYS])


def test_with_somebody_there_the_recent_median_is_told() -> None:
    waits = [2 * MINUTE, 4 * MINUTE, 300 * MINUTE]
    told = outlook(present=1, schedule=None, waits=waits, now=SATURDAY)
    assert (told.code, told.wait) == ("wait_expected", 4 * MINUTE)
    assert told.values == {"wait": 4}


@pytest.mark.parametrize(
    ("waits", "code", "values"),
    [
        ([], "place_in_queue", {"place": 3}),
        ([4 * MINUTE] * 3, "wait_in_queue", {"place": 3, "wait": 4}),
    ],
)
def test_who_is_not_the_next_is_told_the_place(
    waits: list[timedelta], code: str, values: dict[str, int]
) -> None:
    told = outlook(present=1, schedule=None, waits=waits, now=SATURDAY, place=3)
    assert (told.code, told.values) == (code, values)


@given(some.integers(0, 3), SCHEDULES, some.lists(some.timedeltas(timedelta(0)), max_size=2))
def test_nothing_is_promised_from_too_few_waits(
    present: int, schedule: Schedule | None, waits: list[timedelta]
) -> None:
    assert len(waits) < FEWEST_WAITS
    assert outlook(present=present, schedule=schedule, waits=waits, now=SATURDAY).wait is None


@given(SCHEDULES, some.lists(some.timedeltas(timedelta(0), timedelta(days=9)), max_size=9))
def test_no_wait_is_promised_while_nobody_is_there(
    schedule: Schedule | None, waits: list[timedelta]
) -> None:
    told = outlook(present=0, schedule=schedule, waits=waits, now=SATURDAY)
    assert told.wait is None
    assert told.code == ("outside_hours" if schedule is WEEKDAYS else "nobody_here")


def test_outside_the_hours_the_customer_is_told_when_somebody_is_back() -> None:
    told = outlook(present=0, schedule=WEEKDAYS, waits=(), now=SATURDAY)
    assert told.back_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    monday, now = "2026-11-30T09:00:00+00:00", "2026-11-28T10:00:00+00:00"
    assert told.values == {"when": {"at": monday, "zone": "UTC", "told": now}}


def test_hours_that_never_open_promise_nothing() -> None:
    never = Schedule(ZoneInfo("UTC"))
    assert outlook(present=0, schedule=never, waits=(), now=SATURDAY).code == "nobody_here"


@pytest.mark.parametrize(("minutes", "told"), [(0.2, 1), (4.2, 5), (12, 15), (56, 60), (61, 120)])
def test_a_wait_is_rounded_up(minutes: float, told: int) -> None:
    assert roughly(timedelta(minutes=minutes)) == told


@given(some.lists(some.timedeltas(timedelta(0), timedelta(days=9)), min_size=3))
def test_the_expected_wait_lies_among_the_waits(waits: list[timedelta]) -> None:
    found = expected_wait(waits)
    assert found is not None
    assert min(waits) - MINUTE <= found <= max(waits) + MINUTE


@pytest.mark.parametrize(
    ("waited", "stands"),
    [(6.9, Urgency.FINE), (7, Urgency.SOON), (9.9, Urgency.SOON), (10, Urgency.MISSED)],
)
def test_a_wait_is_warned_of_before_it_misses_its_target(waited: float, stands: Urgency) -> None:
    assert urgency(timedelta(minutes=waited), 10 * MINUTE) is stands

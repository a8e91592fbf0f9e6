"""The breaker's states, its clock in the test's hands."""

from __future__ import annotations

import pytest

from providers.errors import (
    CallCancelled,
    CompletionUnusable,
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)
from providers.llm.breaker import (
    FAILURES_IN_A_ROW,
    OPEN_SECONDS,
    PROBE_SECONDS,
    REFUSED_SECONDS,
    Breakers,
    Change,
    Why,
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def ended(breakers: Breakers, *errors: ProviderError | None) -> list[Change | None]:
    changes = []
    for error in errors:
        breakers.begin("m", always=True)
        changes.append(breakers.end("m", error))
    return changes


FAILED = ProviderUnavailable("x")


def test_it_opens_after_five_failures_in_a_row_and_tells_so_once() -> None:
    breakers = Breakers(Clock())
    changes = ended(breakers, *[FAILED] * FAILURES_IN_A_ROW)
    assert changes == [None] * 4 + [Change(Why.FAILING, OPEN_SECONDS)]
    assert not breakers.admits("m")
    assert not breakers.begin("m")
    assert breakers.admits("another")
    assert breakers.open_seconds() == {"m": (Why.FAILING, OPEN_SECONDS)}


def test_it_knows_whether_silence_opened_it() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    late = ProviderTimeout("x")
    ended(breakers, *[late] * (FAILURES_IN_A_ROW - 1))
    assert breakers.closed("m")
    assert not breakers.silent("m")
    ended(breakers, late)
    assert (breakers.closed("m"), breakers.silent("m")) == (False, True)
    clock.seconds += OPEN_SECONDS
    ended(breakers, None)
    assert (breakers.closed("m"), breakers.silent("m")) == (True, False)
    ended(breakers, *[FAILED] * FAILURES_IN_A_ROW)
    assert (breakers.closed("m"), breakers.silent("m")) == (False, False)


def test_a_success_between_starts_the_row_anew() -> None:
    breakers = Breakers(Clock())
    ended(breakers, FAILED, FAILED, FAILED, FAILED, None, FAILED, FAILED, FAILED, FAILED)
    assert breakers.admits("m")


def test_it_opens_when_half_of_the_last_twenty_failed() -> None:
    breakers = Breakers(Clock())
    ended(breakers, *[FAILED, None] * 9, None)
    assert breakers.admits("m")
    ended(breakers, ProviderTimeout("x"))
    assert not breakers.admits("m")


def test_nine_of_twenty_are_borne() -> None:
    breakers = Breakers(Clock())
    ended(breakers, None, None, *[FAILED, None] * 8, None, FAILED)
    assert breakers.admits("m")


def test_after_thirty_seconds_one_probe_and_no_more() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    ended(breakers, *[FAILED] * 5)
    clock.seconds += OPEN_SECONDS - 0.1
    assert not breakers.begin("m")
    clock.seconds += 0.1
    assert breakers.begin("m")
    assert not breakers.begin("m")
    assert not breakers.admits("m")
    assert breakers.end("m", None) == Change(None)
    assert breakers.begin("m")
    assert breakers.open_seconds() == {}


def test_a_failed_probe_keeps_it_open_and_is_the_same_trouble() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    ended(breakers, *[FAILED] * 5)
    clock.seconds += OPEN_SECONDS
    assert breakers.begin("m")
    assert breakers.end("m", CompletionUnusable("x")) == Change(
        Why.FAILING, OPEN_SECONDS, new=False
    )
    assert not breakers.admits("m")


def test_a_cancelled_probe_lets_the_next_one_through() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    ended(breakers, *[FAILED] * 5)
    clock.seconds += OPEN_SECONDS
    breakers.begin("m")
    assert breakers.end("m", CallCancelled("x")) is None
    assert breakers.begin("m")


def test_a_probe_that_is_never_heard_of_again_does_not_shut_the_model_for_ever() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    ended(breakers, *[FAILED] * 5)
    clock.seconds += OPEN_SECONDS
    breakers.begin("m")
    clock.seconds += PROBE_SECONDS
    assert breakers.begin("m")


def test_a_call_that_began_earlier_does_not_prolong_it_but_its_success_ends_it() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    ended(breakers, *[FAILED] * 5)
    clock.seconds += 20
    assert breakers.end("m", FAILED) is None
    assert breakers.open_seconds()["m"][1] == OPEN_SECONDS - 20
    assert breakers.end("m", None) == Change(None)


def test_a_refusal_opens_at_once_for_five_minutes() -> None:
    clock = Clock()
    breakers = Breakers(clock)
    assert ended(breakers, ProviderRefused("x")) == [Change(Why.REFUSED, REFUSED_SECONDS)]
    clock.seconds += REFUSED_SECONDS - 1
    assert not breakers.admits("m")
    clock.seconds += 1
    assert breakers.begin("m")
    assert breakers.end("m", ProviderRefused("x")) == Change(
        Why.REFUSED, REFUSED_SECONDS, new=False
    )


@pytest.mark.parametrize(
    "error", [ContextTooLong("x"), ContentFiltered("x"), CallCancelled("x"), RequestRejected("x")]
)
def test_what_the_request_caused_is_no_failure_of_the_model(error: ProviderError) -> None:
    breakers = Breakers(Clock())
    ended(breakers, *[error] * 30)
    assert breakers.admits("m")


def test_a_person_may_always_call() -> None:
    breakers = Breakers(Clock())
    ended(breakers, *[FAILED] * 5)
    assert breakers.begin("m", always=True)
    assert breakers.end("m", None) == Change(None)

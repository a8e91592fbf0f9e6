from __future__ import annotations

import pytest

from providers.errors import (
    CallCancelled,
    CompletionCutShort,
    CompletionUnusable,
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
)
from providers.llm.retrying import Next, Tried, decide


def tried(**changes: float) -> Tried:
    values = {"model": 0, "calls_on_model": 1, "calls": 1, "remaining_seconds": 20.0, "models": 2}
    return Tried(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "kind", [CallCancelled, CompletionCutShort, ContentFiltered, ContextTooLong]
)
def test_what_another_call_cannot_mend_is_not_tried_again(kind: type[ProviderError]) -> None:
    assert decide(kind("x"), tried(), 0.5) is None


def test_a_failure_is_tried_again_on_the_same_model_then_on_the_next() -> None:
    error = ProviderUnavailable("x")
    assert decide(error, tried(), 1.0) == Next(0, 0.5)
    assert decide(error, tried(calls_on_model=2, calls=2), 1.0) == Next(1)
    assert decide(error, tried(model=1, calls=3), 1.0) is None


def test_a_single_model_is_tried_twice() -> None:
    assert decide(CompletionUnusable("x"), tried(models=1), 0.0) == Next(0, 0.0)
    assert decide(CompletionUnusable("x"), tried(models=1, calls_on_model=2, calls=2), 0.0) is None


def test_a_refusal_goes_straight_to_the_next_model() -> None:
    assert decide(ProviderRefused("x"), tried(), 0.5) == Next(1)
    assert decide(ProviderRefused("x"), tried(models=1), 0.5) is None


def test_a_timeout_moves_to_the_next_model_when_there_is_one() -> None:
    assert decide(ProviderTimeout("x"), tried(), 0.5) == Next(1)
    assert decide(ProviderTimeout("x"), tried(models=1), 0.5) == Next(0, 0.25)


def test_the_endpoints_wish_to_wait_counts_if_it_fits_the_time() -> None:
    assert decide(ProviderRateLimited("x", retry_after_seconds=3), tried(), 0.5) == Next(0, 3)
    assert decide(ProviderRateLimited("x", retry_after_seconds=90), tried(), 0.5) == Next(1)
    assert decide(ProviderRateLimited("x", retry_after_seconds=90), tried(models=1), 0.5) is None


def test_without_time_nothing_is_tried() -> None:
    assert decide(ProviderUnavailable("x"), tried(remaining_seconds=0.5), 0.0) is None


def test_a_third_model_is_never_called() -> None:
    assert decide(ProviderRefused("x"), tried(model=1, calls=2, models=3), 0.5) is None

"""What to do after a failed call: the same model again, the next one, or give up. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from providers.errors import (
    CallCancelled,
    CallSkipped,
    CompletionCutShort,
    ContentFiltered,
    ContextTooLong,
    EndpointUnreachable,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
)

MOST_CALLS = 3
# All models stand at one address: where no connection comes about, a second try is enough.
MOST_CALLS_WITHOUT_CONNECTION = 2
MOST_MODELS = 2
CALLS_A_MODEL = 2
BACKOFF_SECONDS = 0.5
# With less time than this left, another call cannot end well.
SHORTEST_CALL_SECONDS = 1.0
_FINAL = (CallCancelled, CompletionCutShort, ContentFiltered, ContextTooLong)


@dataclass(frozen=True, slots=True)
class Tried:
    """Where the loop stands: which model, how many calls on it and in all, time left.

    Seconds: the first pause before a retry, and the shortest time that a call needs.
    """

    model: int
    calls_on_model: int
    calls: int
    remaining_seconds: float
    models: int
    backoff_seconds: float = BACKOFF_SECONDS
    shortest_call_seconds: float = SHORTEST_CALL_SECONDS


@dataclass(frozen=True, slots=True)
class Next:
    """Call this model after waiting."""

    model: int
    wait_seconds: float = 0.0


def decide(error: ProviderError, tried: Tried, jitter: float | None = None) -> Next | None:
    """Return the next call, or None to give up. `jitter` 0..1 replaces chance in tests."""
    unreachable = isinstance(error, EndpointUnreachable)
    most = MOST_CALLS_WITHOUT_CONNECTION if unreachable else MOST_CALLS
    if isinstance(error, _FINAL) or tried.calls >= most:
        return None
    chance = random.random() if jitter is None else jitter  # noqa: S311 - not a secret
    after = Next(tried.model + 1) if tried.model + 1 < min(tried.models, MOST_MODELS) else None
    again = _again(error, tried, chance)
    chosen = (after or again) if isinstance(error, ProviderTimeout) else (again or after)
    left = tried.remaining_seconds - tried.shortest_call_seconds
    if chosen is None or chosen.wait_seconds > left:
        return after if after and left > 0 else None
    return chosen


def _again(error: ProviderError, tried: Tried, chance: float) -> Next | None:
    if isinstance(error, ProviderRefused | CallSkipped) or tried.calls_on_model >= CALLS_A_MODEL:
        return None
    if isinstance(error, ProviderRateLimited) and error.retry_after_seconds is not None:
        wait = error.retry_after_seconds
        return Next(tried.model, wait) if wait < tried.remaining_seconds / 2 else None
    return Next(tried.model, chance * tried.backoff_seconds * 2 ** (tried.calls - 1))

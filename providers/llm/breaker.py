"""Whether a model may be called, judged by how its last calls went.

The state machine is pure: time comes in as seconds of a monotonic clock. Only `Breakers`, which
keeps one state for each model of an endpoint, holds a lock. The constants are those of the
product's reliability goals (docs/fault-matrix.md).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from providers.errors import (
    CallCancelled,
    CompletionCutShort,
    ContentFiltered,
    ContextTooLong,
    ProviderError,
    ProviderRefused,
    ProviderTimeout,
    RequestRejected,
)

FAILURES_IN_A_ROW = 5
WINDOW_CALLS = 20
MOST_FAILED_IN_WINDOW = 10
OPEN_SECONDS = 30.0
REFUSED_SECONDS = 300.0
# A probe that is never heard of again (its thread died) does not keep the model shut for ever.
PROBE_SECONDS = 60.0
_SAYS_NOTHING = (CallCancelled, RequestRejected)
# The endpoint did its work; the request was the matter.
_ANSWERED = (ContextTooLong, ContentFiltered, CompletionCutShort)


class Why(StrEnum):
    """Why a model is not called."""

    FAILING = "failing"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Breaker:
    """The state for one model. `why` is None while it is closed; times are monotonic seconds.

    `silent`: what opened it was a call without an answer, and not one that failed.
    """

    recent: tuple[bool, ...] = ()
    failed_in_a_row: int = 0
    why: Why | None = None
    open_until: float = 0.0
    probe_until: float = 0.0
    silent: bool = False

    def admits(self, now: float) -> bool:
        """Say whether a call may be made now: closed, or open long enough and nobody probes."""
        return self.why is None or (now >= self.open_until and now >= self.probe_until)


@dataclass(frozen=True, slots=True)
class Change:
    """A breaker opened, stayed open after a probe, or closed (`why` is None).

    `new` is false when only a probe failed: the same trouble goes on.
    """

    why: Why | None
    seconds: float = 0.0
    new: bool = True


def calling(breaker: Breaker, now: float) -> Breaker:
    """Return the state after an admitted call has started."""
    return breaker if breaker.why is None else replace(breaker, probe_until=now + PROBE_SECONDS)


def after(breaker: Breaker, error: ProviderError | None, now: float) -> Breaker:
    """Return the state after a call ended well (None) or with an error."""
    if isinstance(error, _SAYS_NOTHING):
        return replace(breaker, probe_until=0.0)
    if error is None or isinstance(error, _ANSWERED):
        return Breaker() if breaker.why else _noted(breaker, well=True)
    if isinstance(error, ProviderRefused):
        return _opened(breaker, Why.REFUSED, now + REFUSED_SECONDS)
    if breaker.why is not None:
        # A call that began before it opened tells nothing new; a probe does.
        probed = breaker.probe_until > 0
        return _opened(breaker, breaker.why, now + OPEN_SECONDS) if probed else breaker
    noted = _noted(breaker, well=False)
    full = len(noted.recent) == WINDOW_CALLS
    half_failed = full and noted.recent.count(False) >= MOST_FAILED_IN_WINDOW
    if noted.failed_in_a_row >= FAILURES_IN_A_ROW or half_failed:
        silent = isinstance(error, ProviderTimeout)
        return replace(_opened(noted, Why.FAILING, now + OPEN_SECONDS), silent=silent)
    return noted


def _noted(breaker: Breaker, *, well: bool) -> Breaker:
    recent = (*breaker.recent, well)[-WINDOW_CALLS:]
    return replace(
        breaker, recent=recent, failed_in_a_row=0 if well else breaker.failed_in_a_row + 1
    )


def _opened(breaker: Breaker, why: Why, until: float) -> Breaker:
    return replace(breaker, why=why, open_until=until, probe_until=0.0)


class Breakers:
    """One breaker for each model of an endpoint, in this process. Thread-safe."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._states: dict[str, Breaker] = {}

    def admits(self, model: str) -> bool:
        """Say whether a model may be called now, without calling it."""
        with self._lock:
            return self._state(model).admits(self._now())

    def closed(self, model: str) -> bool:
        """Say whether a model is called as usual."""
        with self._lock:
            return self._state(model).why is None

    def silent(self, model: str) -> bool:
        """Say whether a model is left alone because its calls got no answer."""
        with self._lock:
            return self._state(model).silent

    def begin(self, model: str, *, always: bool = False) -> bool:
        """Note that a call starts; False when it must not. `always`: a person asked for it."""
        with self._lock:
            state, now = self._state(model), self._now()
            if not always and not state.admits(now):
                return False
            self._states[model] = calling(state, now)
            return True

    def end(self, model: str, error: ProviderError | None) -> Change | None:
        """Note how a call ended; return what that changed."""
        with self._lock:
            before, now = self._state(model), self._now()
            state = self._states[model] = after(before, error, now)
        if state.why is None:
            return Change(None) if before.why else None
        if (state.why, state.open_until) == (before.why, before.open_until):
            return None
        return Change(state.why, state.open_until - now, new=state.why is not before.why)

    def open_seconds(self) -> Mapping[str, tuple[Why, float]]:
        """Return why, and for how many more seconds, each open model is not called."""
        with self._lock:
            now = self._now()
            return {
                model: (state.why, max(0.0, state.open_until - now))
                for model, state in self._states.items()
                if state.why is not None
            }

    def _state(self, model: str) -> Breaker:
        return self._states.get(model, Breaker())

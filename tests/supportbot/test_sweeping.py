"""The sweeper goes on, whatever happens."""

import threading

import pytest

from supportbot import sweeping


def test_a_failing_sweep_does_not_end_the_others_or_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopping, rounds = threading.Event(), []

    def fails() -> int:
        raise RuntimeError("the database is away")

    def counts() -> int:
        rounds.append(1)
        if len(rounds) == 3:
            stopping.set()
        return 0

    monkeypatch.setattr(sweeping, "SWEEPS", (fails, counts))
    monkeypatch.setattr(sweeping, "INTERVAL_SECONDS", 0.01)
    monkeypatch.setattr(sweeping, "connection", _Connection())
    sweeping.sweep_until(stopping)
    assert len(rounds) == 3


class _Connection:
    def close(self) -> None:
        pass

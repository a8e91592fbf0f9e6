"""Reports that come faster than anybody looks are left out."""

from __future__ import annotations

import time

import pytest

from knowledge.sparing import sparing


def test_the_first_report_passes_and_those_half_a_second_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter((0.0, 0.1, 0.49, 0.5, 0.9, 1.1))
    monkeypatch.setattr(time, "monotonic", lambda: next(times))
    passed: list[str] = []
    report = sparing(passed.append)
    for step in ("parsing", "embedding", "embedding", "indexing", "verifying", "verifying"):
        report(step)
    assert passed == ["parsing", "indexing", "verifying"]


def test_a_report_that_fails_is_not_kept_back_from_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)
    tried: list[int] = []

    def fails(number: int) -> None:
        tried.append(number)
        raise RuntimeError

    report = sparing(fails)
    for number in (1, 2):
        with pytest.raises(RuntimeError):
            report(number)
    assert tried == [1, 2]

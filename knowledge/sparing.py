"""Lets through so many reports a second as somebody who watches can tell apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

# Each is a write that waits for the disk: a short document had five of them.
SECONDS_BETWEEN = 0.5
T = TypeVar("T")


def sparing(report: Callable[[T], None], *, reported: bool = False) -> Callable[[T], None]:
    """Return a function that passes on the first report and those half a second apart.

    With `reported` the first one was this moment.
    """
    last: list[float] = [time.monotonic()] if reported else []

    def spared(step: T) -> None:
        now = time.monotonic()
        if not last or now - last[-1] >= SECONDS_BETWEEN:
            report(step)
            last[:] = [now]

    return spared

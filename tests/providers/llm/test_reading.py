"""Deadlines hold also against a stream that never lets the loop breathe."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from openai import AsyncOpenAI

from providers.errors import ProviderTimeout
from providers.llm.reading import Deadlines, Reading

ENDS_AFTER_SECONDS = 3.0


class Flood:
    """A client whose stream has the next word ready at once, for a few seconds."""

    def __init__(self) -> None:
        self.chat = SimpleNamespace(completions=self)

    async def create(self, **request: Any) -> Flood:
        return self

    async def __aenter__(self) -> AsyncIterator[Any]:
        return self._words()

    async def __aexit__(self, *error: object) -> None:
        return None

    async def _words(self) -> AsyncIterator[Any]:
        delta = SimpleNamespace(content="word ")
        choice = SimpleNamespace(delta=delta, finish_reason=None)
        ends = time.monotonic() + ENDS_AFTER_SECONDS
        while time.monotonic() < ends:
            time.sleep(0.001)  # noqa: ASYNC251 - what the parsing of an event takes
            yield SimpleNamespace(usage=None, choices=[choice])


async def _read() -> tuple[float, float]:
    """Return after how many seconds the stream was cut, and the loop's longest pause."""
    longest, last = 0.0, time.monotonic()

    async def beat() -> None:
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()

    beating = asyncio.create_task(beat())
    started = time.monotonic()
    with pytest.raises(ProviderTimeout):
        await Reading("m", None, Deadlines(total=0.5)).run(cast(AsyncOpenAI, Flood()), {})
    beating.cancel()
    return time.monotonic() - started, longest


def test_a_stream_without_pauses_is_cut_in_time_and_lets_others_go_on() -> None:
    seconds, longest_pause = asyncio.run(_read())
    assert seconds < ENDS_AFTER_SECONDS / 2
    assert longest_pause < 0.4

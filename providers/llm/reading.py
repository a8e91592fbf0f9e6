"""Reads one streamed completion under its deadlines. Success only with text and a proper end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from openai import AsyncOpenAI

from providers.errors import (
    CallCancelled,
    CompletionCutShort,
    CompletionUnusable,
    ContentFiltered,
    ProviderError,
    ProviderTimeout,
)
from providers.llm.base import StreamSink, Usage
from providers.llm.failures import PROVIDER

CANCEL_POLL_SECONDS = 0.05
# Endpoints send the usage right after the end; a reply is not held up for it.
USAGE_GRACE_SECONDS = 0.5
# Events that came together are read without a pause, half a millisecond each. An endless stream
# held up deadlines and the streams of others for a second at a time.
EVENTS_AT_A_TIME = 32


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds: to the first visible token, between visible tokens, for the whole completion.

    Also to a connection, the first pause before a retry, and the time below which no further call
    is begun.
    """

    first_token: float = 10.0
    gap: float = 8.0
    total: float = 30.0
    connect: float = 3.0
    backoff: float = 0.5
    shortest_call: float = 1.0

    def scaled(self, factor: float) -> Deadlines:
        """Return all of them times a factor."""
        return Deadlines(*(factor * getattr(self, f.name) for f in fields(self)))


class Reading:
    """One call in progress, and what is known of it also when it fails.

    `hopeless` is asked while there is no text yet; once it says yes, the call is given up.
    """

    def __init__(
        self,
        model: str,
        sink: StreamSink | None,
        deadlines: Deadlines,
        hopeless: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model = model
        self._sink = sink
        self._deadlines = deadlines
        self._text: list[str] = []
        self._finish = ""
        self._cancelled = False
        self._hopeless = hopeless
        self._given_up = False
        self.usage: Usage | None = None
        self.first_token_ms: float | None = None

    async def run(self, client: AsyncOpenAI, request: dict[str, Any]) -> str:
        """Return the text. Raises ProviderError, or whatever the SDK throws."""
        loop = asyncio.get_running_loop()
        self._started = loop.time()
        limit = min(self._deadlines.first_token, self._deadlines.total)
        try:
            async with asyncio.timeout(limit) as scope:
                self._scope = scope
                async with asyncio.TaskGroup() as group:
                    watch = group.create_task(self._watch())
                    try:
                        await self._stream(client, request)
                    finally:
                        watch.cancel()
        except TimeoutError:
            if not self._ended_well():
                raise self._late() from None
        except BaseExceptionGroup as group_error:
            first = group_error.exceptions[0]
            # Its own cause tells whether a connection came about.
            raise first from first.__cause__
        return self._result()

    async def _stream(self, client: AsyncOpenAI, request: dict[str, Any]) -> None:
        async with await client.chat.completions.create(**request) as stream:
            events = 0
            async for chunk in stream:
                self._take(chunk)
                if self._ended_well() and self.usage:
                    return
                events += 1
                if events % EVENTS_AT_A_TIME == 0:
                    await asyncio.sleep(0)

    async def _watch(self) -> None:
        """Poll the sink: a stream that says nothing must be given up too."""
        while True:
            self._cancelled = self._sink is not None and self._sink.cancelled()
            self._given_up = self.first_token_ms is None and self._hopeless()
            if self._cancelled or self._given_up:
                self._scope.reschedule(asyncio.get_running_loop().time())
                return
            await asyncio.sleep(CANCEL_POLL_SECONDS)

    def _take(self, chunk: Any) -> None:
        if chunk.usage is not None:
            self.usage = _usage(chunk.usage)
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        text = choice.delta.content if choice.delta else None
        if text:
            self._add(text)
        if choice.finish_reason:
            self._finish = str(choice.finish_reason)
            self._allow(USAGE_GRACE_SECONDS)

    def _add(self, text: str) -> None:
        if self.first_token_ms is None and text.strip():
            self.first_token_ms = 1000 * (asyncio.get_running_loop().time() - self._started)
        self._text.append(text)
        if self._sink is not None:
            self._sink.delta(text)
        if text.strip():
            self._allow(self._deadlines.gap)

    def _allow(self, seconds: float) -> None:
        if self._cancelled or self._given_up:
            return
        now = asyncio.get_running_loop().time()
        self._scope.reschedule(min(now + seconds, self._started + self._deadlines.total))

    def _ended_well(self) -> bool:
        return bool(self._finish) and not self._cancelled

    def _late(self) -> ProviderError:
        if self._cancelled:
            return CallCancelled(
                "nobody waits for this any more", provider=PROVIDER, model=self._model
            )
        if self._given_up:
            what = "no first token yet, and the calls before it got none"
        elif self.first_token_ms is None:
            what = "no first token in time"
        else:
            what = "the stream stalled or took too long"
        return ProviderTimeout(what, provider=PROVIDER, model=self._model)

    def _result(self) -> str:
        text = "".join(self._text)
        if self._finish == "content_filter":
            raise ContentFiltered(
                "the endpoint filtered the reply", provider=PROVIDER, model=self._model
            )
        if self._finish == "length":
            raise CompletionCutShort(
                "the reply hit its limit", provider=PROVIDER, model=self._model, text=text
            )
        if self._finish != "stop":
            why = (
                f"ended with {self._finish!r}" if self._finish else "ended without a finish reason"
            )
            raise CompletionUnusable(f"the stream {why[:60]}", provider=PROVIDER, model=self._model)
        if not text.strip():
            raise CompletionUnusable("the reply is empty", provider=PROVIDER, model=self._model)
        return text


def _usage(raw: Any) -> Usage:
    details = getattr(raw, "prompt_tokens_details", None)
    return Usage(
        input_tokens=int(raw.prompt_tokens or 0),
        output_tokens=int(raw.completion_tokens or 0),
        cached_input_tokens=int(getattr(details, "cached_tokens", 0) or 0),
    )

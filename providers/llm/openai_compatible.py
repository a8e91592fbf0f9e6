"""Any OpenAI-compatible endpoint: streamed, under deadlines, with retry and fallback.

The SDK's own retries are off: one loop here decides, so that all calls of one reply together keep
the total deadline.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI

from observability.pricing import cost_usd
from providers.errors import CallCancelled, ProviderError, ProviderTimeout
from providers.llm import background_loop
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink
from providers.llm.failures import PROVIDER, translate
from providers.llm.reading import Deadlines, Reading
from providers.llm.retrying import MOST_MODELS, Tried, decide
from providers.llm.transport import CappedTransport

CONNECT_SECONDS = 3.0
OPENAI_BASE_URL = "https://api.openai.com/v1"
# An endpoint on one's own machine often wants no key, but the SDK wants one to be there.
NO_KEY = "none"
# The loop's own deadlines fire first; this only frees the thread if the loop itself is stuck.
THREAD_GRACE_SECONDS = 2.0
CONNECTIONS = httpx2.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=30)
Recorder = Callable[[CallRecord], None]


class OpenAICompatible:
    """A chat model behind an endpoint, with its fallbacks. Thread-safe."""

    def __init__(
        self,
        *,
        models: Sequence[str],
        base_url: str = "",
        api_key: str = "",
        total_seconds: float = 30.0,
        temperature: float = 0.2,
        max_output_tokens: int = 700,
        deadlines: Deadlines | None = None,
    ) -> None:
        if not models:
            raise ValueError("name at least one model")
        self._models = tuple(models[:MOST_MODELS])
        self._base_url = base_url or OPENAI_BASE_URL
        self._api_key = api_key or NO_KEY
        self._deadlines = replace(deadlines or Deadlines(), total=total_seconds)
        self._temperature = temperature
        self._max_output_tokens = max_output_tokens
        self._lock = threading.Lock()
        # Built here and not on the first call: loading the certificates takes 60 ms.
        self._client = _client(self._base_url, self._api_key, total_seconds)
        self._loop_of_client: asyncio.AbstractEventLoop | None = None

    @property
    def endpoint(self) -> str:
        """Return the endpoint's host and port, without any credentials."""
        parts = urlsplit(self._base_url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models in order of preference."""
        return self._models

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Recorder | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        """Stream one completion and return it whole, within the total deadline.

        Raises ProviderError. Every call is passed to `record`, on the calling thread.
        """
        request: dict[str, Any] = {
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "temperature": self._temperature if temperature is None else temperature,
            "max_tokens": max_output_tokens or self._max_output_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        calls: list[CallRecord] = []
        work = self._loop(request, purpose, sink, calls)
        try:
            wait = self._deadlines.total + THREAD_GRACE_SECONDS
            return background_loop.shared.run(work, wait)
        except TimeoutError:
            raise ProviderTimeout("the whole time is used up", provider=PROVIDER) from None
        finally:
            # On this thread, because a recorder may use the thread's database connection.
            for call in calls if record else ():
                assert record is not None
                record(call)

    async def _loop(
        self,
        request: dict[str, Any],
        purpose: str,
        sink: StreamSink | None,
        calls: list[CallRecord],
    ) -> Completion:
        """Call models until one answers or the time or the calls are used up."""
        now = asyncio.get_running_loop().time
        end = now() + self._deadlines.total
        model, on_model = 0, 0
        while True:
            on_model += 1
            try:
                return await self._call(
                    self._models[model], request, purpose, sink, calls, end - now()
                )
            except ProviderError as error:
                if sink is not None:
                    sink.retract()
                tried = Tried(model, on_model, len(calls), end - now(), len(self._models))
                step = decide(error, tried)
                if step is None:
                    raise
            await _pause(step.wait_seconds, sink)
            model, on_model = step.model, on_model if step.model == model else 0

    async def _call(
        self,
        model: str,
        request: dict[str, Any],
        purpose: str,
        sink: StreamSink | None,
        calls: list[CallRecord],
        remaining_seconds: float,
    ) -> Completion:
        loop = asyncio.get_running_loop()
        started = loop.time()
        reading = Reading(model, sink, replace(self._deadlines, total=remaining_seconds))
        failure: ProviderError | None = None
        text = ""
        try:
            text = await reading.run(self._connected(loop), {**request, "model": model})
        # Bad bodies raise far more than openai.APIError.
        except Exception as error:
            failure = translate(error, model)
        calls.append(self._record(model, purpose, reading, failure, 1000 * (loop.time() - started)))
        if failure:
            raise failure from None
        record = calls[-1]
        return Completion(
            text=text,
            model=model,
            usage=record.usage,
            cost_usd=record.cost_usd,
            first_token_ms=record.first_token_ms or 0.0,
            total_ms=record.total_ms,
            calls=tuple(calls),
        )

    def _record(
        self,
        model: str,
        purpose: str,
        reading: Reading,
        failure: ProviderError | None,
        total_ms: float,
    ) -> CallRecord:
        usage = reading.usage
        cost = cost_usd(model, usage, base_url=self._base_url) if usage else None
        return CallRecord(
            purpose=purpose,
            endpoint=self.endpoint,
            model=model,
            outcome=type(failure).__name__ if failure else "ok",
            detail=failure.detail if failure else "",
            usage=usage,
            cost_usd=cost,
            first_token_ms=reading.first_token_ms,
            total_ms=round(total_ms, 1),
        )

    def _connected(self, loop: asyncio.AbstractEventLoop) -> AsyncOpenAI:
        """Return the client that belongs to this loop; a new loop (after a fork) gets a new one."""
        with self._lock:
            if self._loop_of_client not in (None, loop):
                self._client = _client(self._base_url, self._api_key, self._deadlines.total)
            self._loop_of_client = loop
            return self._client


def _client(base_url: str, api_key: str, total_seconds: float) -> AsyncOpenAI:
    timeout = httpx2.Timeout(total_seconds, connect=CONNECT_SECONDS)
    # No proxies and no netrc from the environment: the key goes to this address only.
    http = httpx2.AsyncClient(
        transport=CappedTransport(limits=CONNECTIONS),
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
    )
    return AsyncOpenAI(
        base_url=base_url, api_key=api_key, max_retries=0, timeout=timeout, http_client=http
    )


async def _pause(seconds: float, sink: StreamSink | None) -> None:
    """Wait before a retry, in small steps, so that a stop is noticed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        if sink is not None and sink.cancelled():
            raise CallCancelled("nobody waits for this any more", provider=PROVIDER)
        await asyncio.sleep(min(left, 0.1))

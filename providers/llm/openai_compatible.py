"""Any OpenAI-compatible endpoint: streamed, under deadlines, with retry and fallback.

The SDK's own retries are off: one loop here decides, so that all calls of one reply together keep
the total deadline.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from urllib.parse import urlsplit

import httpx2
from openai import AsyncOpenAI

from observability.pricing import Price, cost_usd
from providers.errors import ProviderTimeout
from providers.llm import background_loop
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink, Usage
from providers.llm.breaker import Breakers
from providers.llm.calling import Job, Way, run
from providers.llm.connection import CONNECTION_TEST
from providers.llm.failures import PROVIDER
from providers.llm.purposes import Purpose, order
from providers.llm.reading import Deadlines
from providers.llm.transport import CappedTransport

OPENAI_BASE_URL = "https://api.openai.com/v1"
# An endpoint on one's own machine often wants no key, but the SDK wants one to be there.
NO_KEY = "none"
# The loop's own deadlines fire first; this only frees the thread if the loop itself is stuck.
THREAD_GRACE_SECONDS = 2.0
CONNECTIONS = httpx2.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=30)
# A text for people is asked for to its end; a query or a judgement that is too long is useless.
CONTINUED = frozenset({Purpose.ANSWER, Purpose.SIMPLE_ANSWER, Purpose.DRAFT, Purpose.SUMMARY})
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
        purpose_models: Mapping[str, str] | None = None,
        prices: Mapping[str, Price] | None = None,
    ) -> None:
        if not models:
            raise ValueError("name at least one model")
        self._models = tuple(models)
        self._purpose_models = dict(purpose_models or {})
        self._prices = dict(prices or {})
        self._breakers = Breakers()
        self._base_url = base_url or OPENAI_BASE_URL
        self._api_key = api_key or NO_KEY
        self._deadlines = replace(deadlines or Deadlines(), total=total_seconds)
        self._temperature = temperature
        self._max_output_tokens = max_output_tokens
        self._lock = threading.Lock()
        # Built here and not on the first call: loading the certificates takes 60 ms.
        self._client = _client(self._base_url, self._api_key, self._deadlines)
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
        job = Job(
            request={
                "messages": [{"role": m.role, "content": m.content} for m in messages],
                "temperature": self._temperature if temperature is None else temperature,
                "max_tokens": max_output_tokens or self._max_output_tokens,
                "stream": True,
                "stream_options": {"include_usage": True},
            },
            purpose=purpose,
            models=order(self._models, self._purpose_models, purpose),
            sink=sink,
            always=purpose == CONNECTION_TEST,
            continue_cut=purpose in CONTINUED,
        )
        try:
            wait = self._deadlines.total + THREAD_GRACE_SECONDS
            return background_loop.shared.run(self._run(job), wait)
        except TimeoutError:
            raise ProviderTimeout("the whole time is used up", provider=PROVIDER) from None
        finally:
            # On this thread, because a recorder may use the thread's database connection.
            for call in job.calls if record else ():
                assert record is not None
                record(call)

    def first_for(self, purpose: str) -> str:
        """Return the model that is tried first for a purpose."""
        return order(self._models, self._purpose_models, purpose)[0]

    def left_alone(self) -> Mapping[str, tuple[str, float]]:
        """Return why, and for how many more seconds, each model that fails is not called."""
        return self._breakers.open_seconds()

    def all_left_alone(self) -> bool:
        """Say whether no model is called as usual: each failed, at most a probe is made."""
        return all(model in self._breakers.open_seconds() for model in self._models)

    async def _run(self, job: Job) -> Completion:
        client = self._connected(asyncio.get_running_loop())
        way = Way(self.endpoint, self._cost, self._deadlines, self._breakers, client)
        return await run(job, way)

    def _cost(self, model: str, usage: Usage) -> Decimal | None:
        return cost_usd(model, usage, base_url=self._base_url, overrides=self._prices)

    def _connected(self, loop: asyncio.AbstractEventLoop) -> AsyncOpenAI:
        """Return the client that belongs to this loop; a new loop (after a fork) gets a new one."""
        with self._lock:
            if self._loop_of_client not in (None, loop):
                self._client = _client(self._base_url, self._api_key, self._deadlines)
            self._loop_of_client = loop
            return self._client


def _client(base_url: str, api_key: str, deadlines: Deadlines) -> AsyncOpenAI:
    timeout = httpx2.Timeout(deadlines.total, connect=deadlines.connect)
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

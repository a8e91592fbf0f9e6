"""The calls that lead to one completion: in order, within one deadline, past open breakers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from openai import AsyncOpenAI

from providers.errors import (
    CallCancelled,
    CallSkipped,
    CompletionCutShort,
    ProviderError,
)
from providers.llm.base import CallRecord, Completion, StreamSink, Usage, added
from providers.llm.breaker import Breakers, Change
from providers.llm.continuing import continued_messages, joined
from providers.llm.failures import PROVIDER, translate
from providers.llm.reading import Deadlines, Reading
from providers.llm.retrying import MOST_CALLS, MOST_MODELS, Tried, decide


@dataclass(frozen=True, slots=True)
class Way:
    """How the models of one endpoint are called."""

    endpoint: str
    cost: Callable[[str, Usage], Decimal | None]
    deadlines: Deadlines
    breakers: Breakers
    client: AsyncOpenAI


@dataclass(slots=True)
class Job:
    """One completion that is wanted. `models` in the order of trying; `calls` fills up.

    `always` calls even a model that is left alone; `continue_cut` asks once for the rest of a text
    that hit the output limit. `kept` is the text of the call that did.
    """

    request: dict[str, Any]
    purpose: str
    models: tuple[str, ...]
    sink: StreamSink | None = None
    always: bool = False
    continue_cut: bool = False
    calls: list[CallRecord] = field(default_factory=list)
    kept: str = ""
    ends: float = 0.0

    @property
    def asked(self) -> str:
        """Return the model that was wanted first."""
        return self.models[0]


async def run(job: Job, way: Way) -> Completion:
    """Call models until one answers or the time or the calls are used up. Raises ProviderError."""
    job.ends = asyncio.get_running_loop().time() + way.deadlines.total
    models = _callable(job, way)
    position, on_model = 0, 0
    failure: ProviderError | None = None
    while True:
        on_model += 1
        try:
            return await _call(models[position], job, way)
        except CallSkipped as error:
            failure = failure or error
            step = decide(error, _tried(job, way, models, position, on_model))
        except CompletionCutShort as error:
            if _to_be_continued(job, error):
                job.kept = error.text
                continue
            _retract(job)
            raise
        except ProviderError as error:
            _retract(job)
            failure = error
            if job.kept:
                # Half a text is shown to nobody, and it was the whole text that took so long.
                raise
            step = decide(error, _tried(job, way, models, position, on_model))
        if step is None:
            raise failure
        await _pause(step.wait_seconds, job.sink)
        position, on_model = step.model, on_model if step.model == position else 0


def _callable(job: Job, way: Way) -> tuple[str, ...]:
    admitted = tuple(m for m in job.models if job.always or way.breakers.admits(m))[:MOST_MODELS]
    if not admitted:
        raise CallSkipped(
            "no call was made: its last calls failed, and it is left alone for a while",
            provider=PROVIDER,
            model=job.asked,
        )
    return admitted


def _tried(job: Job, way: Way, models: tuple[str, ...], position: int, on_model: int) -> Tried:
    left = job.ends - asyncio.get_running_loop().time()
    return Tried(
        position,
        on_model,
        len(job.calls),
        left,
        len(models),
        way.deadlines.backoff,
        way.deadlines.shortest_call,
    )


def _to_be_continued(job: Job, error: CompletionCutShort) -> bool:
    once = job.continue_cut and not job.kept and len(job.calls) < MOST_CALLS
    return once and bool(error.text.strip())


def _retract(job: Job) -> None:
    if job.sink is not None:
        job.sink.retract()


async def _call(model: str, job: Job, way: Way) -> Completion:
    loop = asyncio.get_running_loop()
    started = loop.time()
    if not way.breakers.begin(model, always=job.always):
        raise CallSkipped("the model is left alone for a while", provider=PROVIDER, model=model)
    deadlines = replace(way.deadlines, total=job.ends - started)
    reading = Reading(model, job.sink, deadlines, _hopeless(model, way))
    request = {**job.request, "model": model}
    if job.kept:
        request["messages"] = continued_messages(request["messages"], job.kept)
    failure: ProviderError | None = None
    text = ""
    try:
        text = await reading.run(way.client, request)
    # Bad bodies raise far more than openai.APIError.
    except Exception as error:
        failure = translate(error, model)
    except BaseException:
        way.breakers.end(model, CallCancelled("the process ends"))
        raise
    change = way.breakers.end(model, failure)
    total_ms = round(1000 * (loop.time() - started), 1)
    job.calls.append(_record(model, job, way, reading, failure, change, total_ms))
    if failure:
        raise failure from None
    return _completion(job, text)


def _hopeless(model: str, way: Way) -> Callable[[], bool]:
    """Return what says that a call need not wait any longer for its first word.

    Where calls got no answer until the model was left alone, those still waiting get none either,
    and each holds a customer and a thread. A probe waits for all of its time.
    """
    if not way.breakers.closed(model):
        return lambda: False
    return lambda: way.breakers.silent(model)


def _completion(job: Job, text: str) -> Completion:
    """Return the text with what it cost; a continued one is the sum of its two calls."""
    parts = job.calls[-2:] if job.kept else job.calls[-1:]
    return Completion(
        text=joined(job.kept, text) if job.kept else text,
        model=parts[-1].model,
        usage=added([part.usage for part in parts]),
        cost_usd=_total([part.cost_usd for part in parts]),
        first_token_ms=parts[0].first_token_ms or 0.0,
        total_ms=sum(part.total_ms for part in parts),
        calls=tuple(job.calls),
    )


def _total(costs: Sequence[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal(0)) if len(known) == len(costs) else None


def _record(
    model: str,
    job: Job,
    way: Way,
    reading: Reading,
    failure: ProviderError | None,
    change: Change | None,
    total_ms: float,
) -> CallRecord:
    usage = reading.usage
    sent = {name: job.request[name] for name in ("temperature", "max_tokens")}
    return CallRecord(
        purpose=job.purpose,
        endpoint=way.endpoint,
        model=model,
        outcome=type(failure).__name__ if failure else "ok",
        detail=failure.detail if failure else "",
        usage=usage,
        cost_usd=way.cost(model, usage) if usage else None,
        first_token_ms=reading.first_token_ms,
        total_ms=total_ms,
        asked_model=job.asked,
        retry=len(job.calls),
        parameters=sent,
        breaker=change,
    )


async def _pause(seconds: float, sink: StreamSink | None) -> None:
    """Wait before a retry, in small steps, so that a stop is noticed."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        if sink is not None and sink.cancelled():
            raise CallCancelled("nobody waits for this any more", provider=PROVIDER)
        await asyncio.sleep(min(left, 0.1))

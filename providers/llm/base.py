"""What the pipeline asks of a language model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol, runtime_checkable

from providers.llm.breaker import Change

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a rendered prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the endpoint counted them."""

    input_tokens: int
    output_tokens: int
    cached_input_tokens: int = 0


def added(usages: Sequence[Usage | None]) -> Usage | None:
    """Return the sum; None when there is none, or when an endpoint did not count one of them."""
    known = [usage for usage in usages if usage]
    if not known or len(known) < len(usages):
        return None
    return Usage(
        sum(usage.input_tokens for usage in known),
        sum(usage.output_tokens for usage in known),
        sum(usage.cached_input_tokens for usage in known),
    )


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One upstream call, successful or not, for the ledger.

    `cost_usd` is None when the price is unknown, never zero for that reason. `outcome` is
    "ok" or the name of the ProviderError subclass. `asked_model` is the one wanted first, `retry`
    counts the calls made before this one for the same completion, `breaker` is what the call
    changed about whether the model is called.
    """

    purpose: str
    endpoint: str
    model: str
    outcome: str
    detail: str
    usage: Usage | None
    cost_usd: Decimal | None
    first_token_ms: float | None
    total_ms: float
    asked_model: str = ""
    retry: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    prompt_version: str = ""
    breaker: Change | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """The whole text of a finished stream; `calls` lists every try that led to it."""

    text: str
    model: str
    usage: Usage | None
    cost_usd: Decimal | None
    first_token_ms: float
    total_ms: float
    calls: tuple[CallRecord, ...] = ()


class StreamSink(Protocol):
    """Receives a stream while it runs. Called from another thread; must not block."""

    def delta(self, text: str) -> None:
        """Take the next piece of visible text."""
        ...

    def retract(self) -> None:
        """Forget all pieces so far: the call failed and another one starts."""
        ...

    def cancelled(self) -> bool:
        """Say whether nobody wants the rest."""
        ...


class ChatModel(Protocol):
    """A language model, with its fallbacks behind it."""

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Callable[[CallRecord], None] | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        """Stream one completion and return it whole.

        Blocks the calling thread within the total deadline. Raises ProviderError; every
        upstream call, failed ones included, is passed to `record` first.
        """
        ...


@runtime_checkable
class KnowsFailing(Protocol):
    """A model that notices when its calls go wrong."""

    def all_left_alone(self) -> bool:
        """Say whether no model behind it is called as usual."""
        ...

"""Where a language model is reached, and whether it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from providers.errors import (
    CompletionUnusable,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
)
from providers.llm.base import CallRecord, ChatMessage, ChatModel

CONNECTION_TEST = "connection test"
TEST_OUTPUT_TOKENS = 200


@dataclass(frozen=True, slots=True)
class LlmConnection:
    """Endpoint, key and models in order of preference. The key is never in its repr."""

    models: tuple[str, ...]
    base_url: str = ""
    api_key: str = field(default="", repr=False)

    @property
    def usable(self) -> bool:
        """Say whether there is enough to make a call: a model, and a key or an address."""
        return bool(self.models and (self.api_key or self.base_url))


@dataclass(frozen=True, slots=True)
class ConnectionTest:
    """How a test call went. `sentence` is for operators and holds no key."""

    ok: bool
    sentence: str
    model: str = ""
    first_token_ms: float | None = None


def try_model(
    model: ChatModel, record: Callable[[CallRecord], None] | None = None
) -> ConnectionTest:
    """Make one small call within the model's own deadlines and say how it went."""
    messages = [ChatMessage("user", "Reply with the single word: ready")]
    try:
        done = model.complete(
            messages,
            purpose=CONNECTION_TEST,
            record=record,
            max_output_tokens=TEST_OUTPUT_TOKENS,
        )
    except ProviderError as error:
        return ConnectionTest(False, explain(error), error.model)
    return ConnectionTest(
        True,
        f"{done.model} answered; its first word took {done.first_token_ms / 1000:.1f} s.",
        done.model,
        done.first_token_ms,
    )


def explain(error: ProviderError) -> str:
    """Return what happened and what to do, for operators."""
    what = f"{error.model or 'The endpoint'}: {error.detail}."
    return f"{what} {_advice(error)}"


def _advice(error: ProviderError) -> str:
    if isinstance(error, ProviderRateLimited):
        return "Wait a little, or raise the limit at the provider."
    if isinstance(error, ProviderRefused):
        return "Check the key, the model's name, the address and the account."
    if isinstance(error, ProviderTimeout):
        return (
            "Check that the address can be reached from this machine and that the model is loaded."
        )
    if isinstance(error, CompletionUnusable):
        return "Check that the address ends in the API's root, often /v1, and that it can stream."
    return "Check the address, and that the endpoint is running; then test again."

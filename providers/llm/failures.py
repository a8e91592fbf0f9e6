"""Turns whatever the SDK, the network or a body threw into our own errors.

Details are written here from types and status codes: the endpoint's own words may hold the key
or the customer's text and are never passed on.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

import httpx2
import openai

from providers.errors import (
    CompletionUnusable,
    ContentFiltered,
    ContextTooLong,
    EndpointUnreachable,
    ProviderError,
    ProviderRateLimited,
    ProviderRefused,
    ProviderTimeout,
    ProviderUnavailable,
    RequestRejected,
)

PROVIDER = "llm"
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
_REFUSALS = {
    401: "the endpoint does not accept the key (401)",
    402: "the endpoint asks for payment (402)",
    403: "the key may not use this model (403)",
    404: "the endpoint does not know this model or address (404)",
}


def translate(error: Exception, model: str) -> ProviderError:
    """Return our error for anything raised while a completion was read."""
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, openai.APIConnectionError) and _no_connection(error):
        return EndpointUnreachable(
            "no connection to the endpoint came about", provider=PROVIDER, model=model
        )
    if isinstance(error, openai.APITimeoutError):
        return ProviderTimeout("no connection or no data in time", provider=PROVIDER, model=model)
    if isinstance(error, openai.APIConnectionError):
        return ProviderUnavailable("the connection failed or broke", provider=PROVIDER, model=model)
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, model)
    if isinstance(error, openai.APIError):
        return ProviderUnavailable("the stream held an error event", provider=PROVIDER, model=model)
    return CompletionUnusable(
        f"the reply could not be read ({type(error).__name__})", provider=PROVIDER, model=model
    )


def _of_status(error: openai.APIStatusError, model: str) -> ProviderError:
    status, code = error.status_code, str(error.code or "")
    if code in _QUOTA_CODES:
        return ProviderRefused("the account has no quota left", provider=PROVIDER, model=model)
    if status == 429:
        return ProviderRateLimited(
            "the endpoint is rate limited (429)",
            provider=PROVIDER,
            model=model,
            retry_after_seconds=retry_after_seconds(error.response.headers),
        )
    if status in _REFUSALS:
        return ProviderRefused(_REFUSALS[status], provider=PROVIDER, model=model)
    if _says_too_long(error, code):
        return ContextTooLong(
            "the prompt is too long for the model", provider=PROVIDER, model=model
        )
    if code in ("content_filter", "content_policy_violation"):
        return ContentFiltered("the endpoint filtered the prompt", provider=PROVIDER, model=model)
    if status in (408, 409) or status >= 500:
        return ProviderUnavailable(
            f"the endpoint failed ({status})", provider=PROVIDER, model=model
        )
    return RequestRejected(
        f"the endpoint rejects the request ({status})", provider=PROVIDER, model=model
    )


def _no_connection(error: openai.APIConnectionError) -> bool:
    # Refused and unknown hosts are ConnectErrors; a host that says nothing is a ConnectTimeout.
    return isinstance(error.__cause__, httpx2.ConnectError | httpx2.ConnectTimeout)


def _says_too_long(error: openai.APIStatusError, code: str) -> bool:
    # OpenAI and vLLM, llama.cpp, and servers that only say it in words.
    known = {code, str(error.type or "")} & {
        "context_length_exceeded",
        "exceed_context_size_error",
    }
    in_words = re.search(r"(?:maximum )?context (?:length|size|window)", error.message)
    return bool(known) or (error.status_code in (400, 413) and in_words is not None)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After, in seconds or as a date. None when absent or unreadable."""
    value = headers.get("retry-after", "")
    with contextlib.suppress(ValueError):
        return max(0.0, float(value))
    with contextlib.suppress(ValueError, TypeError):
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    return None

"""What a call to a language model costs, from the price list that ships with genai-prices.

Offline: the list is never refreshed over the network. An unknown model has no price, which is
None and never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Protocol
from urllib.parse import urlsplit

from genai_prices import Usage, calc_price

MILLION = 1_000_000
OPENAI_HOST = "api.openai.com"


class Tokens(Protocol):
    """What was used, as the endpoint counted it."""

    @property
    def input_tokens(self) -> int:
        """Return the prompt's tokens."""
        ...

    @property
    def output_tokens(self) -> int:
        """Return the reply's tokens."""
        ...

    @property
    def cached_input_tokens(self) -> int:
        """Return how many of the prompt's tokens were cached."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, as the operator set it."""

    input_usd: Decimal
    output_usd: Decimal
    cached_input_usd: Decimal

    def of(self, tokens: Tokens) -> Decimal:
        """Return what these tokens cost."""
        fresh = tokens.input_tokens - tokens.cached_input_tokens
        total = (
            fresh * self.input_usd
            + tokens.cached_input_tokens * self.cached_input_usd
            + tokens.output_tokens * self.output_usd
        )
        return total / MILLION


def read_prices(text: str) -> dict[str, Price]:
    """Read "model=0.15/0.60,other=3/15/0.30": input, output and, if given, cached input.

    US dollars for a million tokens. Raises ValueError that names what is wrong.
    """
    found: dict[str, Price] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        # From the right: a model's name may hold a "=" but a price never does.
        model, _, figures = part.rpartition("=")
        try:
            numbers = [Decimal(figure) for figure in figures.split("/")]
        except InvalidOperation:
            numbers = []
        usable = all(n.is_finite() and n >= 0 for n in numbers)
        if not model.strip() or len(numbers) not in (2, 3) or not usable:
            raise ValueError(
                f"accepts model=input/output or model=input/output/cached, not {part!r}"
            )
        found[model.strip()] = Price(numbers[0], numbers[1], (numbers[2:] or numbers)[0])
    return found


def cost_usd(
    model: str,
    tokens: Tokens,
    *,
    base_url: str = "",
    overrides: Mapping[str, Price] | None = None,
) -> Decimal | None:
    """Return the price of one call in US dollars, or None when the model's price is unknown.

    A price in `overrides`, by the model's name, counts before the list's. A model of another
    endpoint than OpenAI's is priced only when that endpoint is on the list: the same name on one's
    own machine costs something else.
    """
    if overrides and model in overrides:
        return overrides[model].of(tokens)
    usage = Usage(
        input_tokens=tokens.input_tokens,
        output_tokens=tokens.output_tokens,
        cache_read_tokens=tokens.cached_input_tokens,
    )
    try:
        if not base_url or urlsplit(base_url).hostname == OPENAI_HOST:
            found = calc_price(usage, model_ref=model, provider_id="openai")
        else:
            found = calc_price(usage, model_ref=model, provider_api_url=base_url)
    except (LookupError, ValueError):
        return None
    return Decimal(found.total_price)

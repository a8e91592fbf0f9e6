"""What a call to a language model costs, from the price list that ships with genai-prices.

Offline: the list is never refreshed over the network. An unknown model has no price, which is
None and never zero.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit

from genai_prices import Usage, calc_price

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


def cost_usd(model: str, tokens: Tokens, *, base_url: str = "") -> Decimal | None:
    """Return the price of one call in US dollars, or None when the model's price is unknown.

    A model of another endpoint than OpenAI's is priced only when that endpoint is on the list:
    the same name on one's own machine costs something else.
    """
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

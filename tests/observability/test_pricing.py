from __future__ import annotations

from observability.pricing import cost_usd
from providers.llm.base import Usage

USED = Usage(1_000_000, 1_000_000)


def test_a_known_model_has_a_price() -> None:
    price = cost_usd("gpt-4o-mini", USED)
    assert price is not None
    assert price > 0
    assert cost_usd("gpt-4o-mini", USED, base_url="https://api.openai.com/v1") == price


def test_cached_tokens_cost_less() -> None:
    whole, cached = (
        cost_usd("gpt-4o", USED),
        cost_usd("gpt-4o", Usage(1_000_000, 1_000_000, 900_000)),
    )
    assert whole is not None
    assert cached is not None
    assert cached < whole


def test_an_unknown_model_has_no_price_rather_than_none_to_pay() -> None:
    assert cost_usd("stub", USED) is None


def test_the_same_name_on_ones_own_machine_has_no_price() -> None:
    assert cost_usd("gpt-4o-mini", USED, base_url="http://127.0.0.1:8080/v1") is None

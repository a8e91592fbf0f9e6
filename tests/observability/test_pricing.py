from __future__ import annotations

from decimal import Decimal

import pytest

from observability.pricing import cost_usd, read_prices
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


def test_the_operators_own_price_counts_first_also_for_a_model_on_no_list() -> None:
    own = read_prices("stub=1/2/0.5, gpt-4o-mini=0/0")
    assert cost_usd("stub", USED, base_url="http://127.0.0.1:1/v1", overrides=own) == Decimal(3)
    used = Usage(1_000_000, 0, cached_input_tokens=400_000)
    assert cost_usd("stub", used, overrides=own) == Decimal("0.8")
    assert cost_usd("gpt-4o-mini", USED, overrides=own) == 0
    assert cost_usd("other", USED, overrides=own) is None


def test_without_a_price_for_cached_tokens_they_cost_as_the_others() -> None:
    assert read_prices("m=1/2")["m"].cached_input_usd == 1


@pytest.mark.parametrize("text", ["m", "m=1", "m=a/b", "m=-1/2", "m=nan/1", "=1/2", "m=1/2/3/4"])
def test_a_price_that_cannot_be_read_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="input/output"):
        read_prices(text)

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError

from conversations import wiring
from conversations.models import ModelConnection, Rule
from conversations.spending import Spending
from knowledge.models import Audience
from observability.models import LlmCall
from providers.errors import ProviderRefused
from providers.llm.base import CallRecord, Usage
from providers.llm.connection import LlmConnection
from providers.llm.openai_compatible import OpenAICompatible
from providers.llm.token_counter import TokenCounter

pytestmark = pytest.mark.django_db


def connect(settings: Any, **options: Any) -> None:
    entry = settings.PROVIDERS["llm"]
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "llm": {**entry, "OPTIONS": {**entry["OPTIONS"], **options}},
    }


def call(cost: str | None = "0.5", outcome: str = "ok") -> CallRecord:
    money = None if cost is None else Decimal(cost)
    return CallRecord("answer", "api.example", "m", outcome, "", Usage(10, 5), money, 12.0, 34.0)


def test_a_model_is_said_to_fail_once_all_its_names_are_left_alone() -> None:
    model = OpenAICompatible(models=["first", "second"], base_url="http://127.0.0.1:9/v1")
    refused = ProviderRefused("does not accept the key")
    for name in ("first", "second"):
        assert not wiring.fails(model)
        model._breakers.begin(name)
        model._breakers.end(name, refused)
    assert wiring.fails(model)
    assert not wiring.fails(None)


@pytest.mark.parametrize(
    "options",
    [
        {"models": [], "base_url": "", "api_key": ""},
        {"models": ["m"], "base_url": "", "api_key": ""},
        {"models": [], "base_url": "http://model.example/v1", "api_key": "k"},
    ],
)
def test_without_model_or_endpoint_there_is_no_model(settings: Any, options: Any) -> None:
    connect(settings, **options)
    assert wiring.connection() is None
    assert wiring.toolbox().model is None


def test_the_environments_model_is_one_client_kept(settings: Any) -> None:
    connect(settings, models=["m"], base_url="http://127.0.0.1:9/v1", api_key="")
    model = wiring.toolbox().model
    assert isinstance(model, OpenAICompatible)
    assert model.models == ("m",)
    assert wiring.toolbox().model is model


def test_a_model_is_local_by_where_its_endpoint_is(settings: Any) -> None:
    connect(settings, models=["m", "fallback"], base_url="http://127.0.0.1:9/v1", api_key="")
    assert wiring.toolbox().local_model is wiring.toolbox().model
    connect(settings, models=["m"], base_url="http://10.0.0.5:9/v1", api_key="")
    assert wiring.toolbox().model is not None
    assert wiring.toolbox().local_model is None
    settings.LLM_LOCAL_HOSTS = ["10.0.0.5"]
    assert wiring.toolbox().local_model is wiring.toolbox().model
    connect(settings, models=["m"], base_url="", api_key="k")
    assert wiring.toolbox().local_model is None
    connect(settings, models=[], base_url="", api_key="")
    assert wiring.toolbox().local_model is None


def test_the_stored_connection_counts_when_the_environment_has_none(settings: Any) -> None:
    connect(settings, models=[], base_url="", api_key="")
    row = ModelConnection(base_url="http://127.0.0.1:9/v1", model_names=["stored"])
    row.store_key("k")
    row.save()
    assert wiring.connection() == LlmConnection(("stored",), "http://127.0.0.1:9/v1", "k")
    connect(settings, models=["env"], base_url="", api_key="k")
    assert wiring.connection() == LlmConnection(("env",), "", "k")


def test_rules_are_read_for_each_answer_with_their_audiences() -> None:
    rule = Rule.objects.create(name="Hours", phrases="hours\n\n open ", action="text", text="Nine.")
    partner, _ = Audience.objects.get_or_create(slug="partner", defaults={"name": "Partner"})
    rule.audiences.add(partner)
    Rule.objects.create(name="Off", phrases="off", text="x", enabled=False)
    (spec,) = wiring.toolbox().rules
    assert spec.phrases == ("hours", "open")
    assert spec.audiences == {"partner"}
    assert spec.id == rule.pk


def test_each_call_is_a_line_in_the_ledger_with_its_ids() -> None:
    conversation, message = uuid4(), uuid4()
    tools = wiring.toolbox(conversation_id=conversation, message_id=message, attempt=2)
    tools.record_call(call())
    line = LlmCall.objects.get()
    assert (line.conversation_id, line.message_id, line.attempt) == (conversation, message, 2)
    assert (line.input_tokens, line.output_tokens, line.cost_usd) == (10, 5, Decimal("0.5"))


def test_a_ledger_that_cannot_be_written_does_not_stop_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**fields: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(LlmCall.objects, "create", fail)
    wiring.toolbox().record_call(call())


def test_the_daily_budget_counts_known_prices_and_assumes_unknown_ones(settings: Any) -> None:
    settings.LLM_DAILY_BUDGET_USD, settings.LLM_ASSUMED_COST_USD = 1.0, 0.2
    tools = wiring.toolbox()
    assert tools.within_budget()
    tools.record_call(call("0.7"))
    assert tools.within_budget()
    tools.record_call(call(None))
    assert tools.within_budget()
    tools.record_call(call(None))
    assert not tools.within_budget()


def test_yesterdays_spending_does_not_count(settings: Any) -> None:
    settings.LLM_DAILY_BUDGET_USD = 1.0
    wiring.toolbox().record_call(call("5"))
    assert not Spending().within_budget()
    LlmCall.objects.update(created_at=datetime.now(UTC) - timedelta(days=1))
    assert Spending().within_budget()


def test_a_budget_of_nothing_means_no_model(settings: Any) -> None:
    settings.LLM_DAILY_BUDGET_USD = 0
    assert not Spending().within_budget()


def test_testing_an_unusable_connection_says_what_is_missing() -> None:
    told = wiring.test_connection(LlmConnection(()))
    assert not told.ok
    assert "Name at least one model" in told.sentence


def test_the_ledger_knows_the_visitor_and_the_settings_that_shaped_an_answer(settings: Any) -> None:
    visitor = uuid4()
    wiring.toolbox(visitor_id=visitor).record_call(call())
    line = LlmCall.objects.get()
    assert line.visitor_id == visitor
    assert line.settings_hash == wiring.settings_hash()
    connect(settings, temperature=1.5)
    assert wiring.settings_hash() != line.settings_hash
    connect(settings, temperature=settings.ENV.LLM_TEMPERATURE, api_key="another")
    assert wiring.settings_hash() == line.settings_hash


def test_within_an_answer_the_database_is_asked_for_the_budget_once(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.LLM_DAILY_BUDGET_USD = 1.0
    tools = wiring.toolbox()
    with django_assert_num_queries(1):
        assert tools.within_budget()
        assert tools.budget_used() == 0
    tools.record_call(call("0.9"))
    assert tools.budget_used() == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({}, False),
        ({"rewrite": "small"}, False),
        ({"simple_answer": "small"}, True),
        ({"simple_answer": "big"}, False),
        ({"answer": "small", "simple_answer": "small"}, False),
        ({"simple_answer": "gone"}, False),
    ],
)
def test_routing_runs_only_where_simple_answers_have_a_model_of_their_own(
    settings: Any, named: dict[str, str], expected: bool
) -> None:
    models = ["big", "small"]
    connect(settings, models=models, base_url="http://127.0.0.1:9/v1", purpose_models=named)
    assert wiring.toolbox().cheaper_model is expected


@pytest.mark.parametrize("models", ["", "one"])
def test_the_vocabulary_is_loaded_early_only_where_a_model_is_connected(
    monkeypatch: pytest.MonkeyPatch, models: str
) -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return 0

    stored = LlmConnection((models,), "https://api.example.com/v1", "key") if models else None
    monkeypatch.setattr(wiring, "connection", lambda: stored)
    monkeypatch.setattr(wiring, "token_counter", lambda: TokenCounter("spy", count))
    wiring.warm_up()
    assert bool(counted) is bool(models)

"""Ledger, incidents and models left alone, as one call after the other comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone

from conversations.recording import KINDS, About, record_call
from observability.models import Incident, LeftAlone, LlmCall
from providers import errors
from providers.llm.base import CallRecord, Usage
from providers.llm.breaker import Change, Why

pytestmark = pytest.mark.django_db


def call(outcome: str = "ok", breaker: Change | None = None, **fields: Any) -> CallRecord:
    values: dict[str, Any] = {"usage": None, "cost_usd": None, "first_token_ms": None, **fields}
    return CallRecord(
        "answer", "api.example", "m", outcome, "why", total_ms=5.0, breaker=breaker, **values
    )


def test_a_line_holds_all_that_is_known_of_a_call() -> None:
    visitor = uuid4()
    record_call(
        call(
            usage=Usage(100, 5, cached_input_tokens=64),
            asked_model="first",
            retry=2,
            parameters={"temperature": 0.2, "max_tokens": 700},
            prompt_version="answer@1",
        ),
        About(visitor_id=visitor, settings_hash="abc"),
    )
    line = LlmCall.objects.get()
    assert (line.model, line.asked_model, line.retry) == ("m", "first", 2)
    assert line.parameters == {"temperature": 0.2, "max_tokens": 700}
    assert (line.prompt_version, line.settings_hash) == ("answer@1", "abc")
    assert (line.cache_layer, line.visitor_id) == ("provider", visitor)
    assert line.cost_usd is None


@pytest.mark.parametrize(("outcome", "kind"), KINDS.items())
def test_each_failure_is_an_incident_of_its_kind(outcome: str, kind: str) -> None:
    assert hasattr(errors, outcome)
    record_call(call(outcome), About())
    assert Incident.objects.get().kind == kind


def test_the_same_failure_is_told_once_for_an_attempt() -> None:
    about = About(message_id=uuid4())
    record_call(call("ProviderTimeout"), about)
    record_call(call("ProviderTimeout"), about)
    record_call(call("ProviderTimeout"), About(message_id=uuid4()))
    assert Incident.objects.count() == 2


@pytest.mark.parametrize("outcome", ["ok", "CallCancelled", "ProviderRefused"])
def test_no_incident_of_its_own(outcome: str) -> None:
    record_call(call(outcome), About())
    assert not Incident.objects.exists()


def test_a_refusal_is_an_incident_when_the_breaker_opens_and_not_when_a_probe_fails() -> None:
    record_call(call("ProviderRefused", Change(Why.REFUSED, 300)), About())
    record_call(call("ProviderRefused", Change(Why.REFUSED, 300, new=False)), About())
    incident = Incident.objects.get()
    assert incident.kind == "llm_refused"
    assert "not called for 300 s" in incident.detail


def test_who_is_left_alone_is_one_row_until_it_is_called_again() -> None:
    record_call(call("ProviderTimeout", Change(Why.FAILING, 30)), About())
    record_call(call("ProviderTimeout", Change(Why.FAILING, 30, new=False)), About())
    row = LeftAlone.objects.get()
    assert row.why == "failing"
    left = row.until - timezone.now()
    assert timedelta(seconds=25) < left <= timedelta(seconds=30)
    assert set(Incident.objects.values_list("kind", flat=True)) == {
        "llm_too_slow",
        "llm_left_alone",
    }
    record_call(call("ok", Change(None)), About())
    assert not LeftAlone.objects.exists()


def test_a_database_that_fails_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**fields: Any) -> None:
        raise DatabaseError("disk full")

    monkeypatch.setattr(Incident.objects, "create", fail)
    record_call(call("ProviderTimeout"), About())
    assert LlmCall.objects.count() == 1


def test_what_belongs_to_a_call_is_written_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside: list[bool] = []
    depth = len(connection.savepoint_ids)
    create = Incident.objects.create

    def noted(**fields: Any) -> Incident:
        inside.append(len(connection.savepoint_ids) > depth)
        return create(**fields)

    monkeypatch.setattr(Incident.objects, "create", noted)
    record_call(call("ProviderTimeout", Change(Why.FAILING, 30.0)), About())
    assert inside == [True, True]
    assert LlmCall.objects.count() == LeftAlone.objects.count() == 1

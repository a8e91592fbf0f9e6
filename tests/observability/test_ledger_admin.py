"""The ledger's filters answer an operator's question; the export gives what they leave."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from observability.export import COLUMNS
from observability.models import LlmCall
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
USER = uuid4()
LIST = "admin:observability_llmcall_changelist"
EXPORT = "admin:observability_llmcall_export"


def call(
    model: str = "M",
    visitor: UUID | None = USER,
    hours: float = 1,
    ms: float = 12_000,
    **fields: Any,
) -> LlmCall:
    values = {"purpose": "answer", "outcome": "ok", **fields}
    made = LlmCall.objects.create(model=model, visitor_id=visitor, total_ms=ms, **values)
    created = timezone.now() - timedelta(hours=hours)
    LlmCall.objects.filter(pk=made.pk).update(created_at=created)
    return made


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.administrator())


def listed(client: Client, **filters: str) -> set[int]:
    page = client.get(reverse(LIST), filters)
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


def exported(client: Client, **filters: str) -> list[dict[str, str]]:
    answer = client.get(reverse(EXPORT), filters)
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(StringIO(text)))


def test_all_calls_of_a_model_for_a_user_in_a_day_over_ten_seconds(client: Client) -> None:
    wanted = call()
    call(model="other")
    call(visitor=uuid4())
    call(visitor=None)
    call(hours=25)
    call(ms=9_999)
    filters = {"model": "M", "visitor": str(USER), "hours": "24", "over_seconds": "10"}
    assert listed(client, **filters) == {wanted.pk}
    assert [row["id"] for row in exported(client, **filters)] == [str(wanted.pk)]


def test_fallbacks_retries_and_errors_are_found(client: Client) -> None:
    first = call(outcome="ProviderTimeout", asked_model="M")
    second = call(model="small", asked_model="M", retry=1)
    assert listed(client, fallback="other") == {second.pk}
    assert listed(client, fallback="retry") == {second.pk}
    assert listed(client, fallback="first") == {first.pk}
    assert listed(client, outcome="failed") == {first.pk}
    assert listed(client, outcome="ProviderTimeout") == {first.pk}
    page = client.get(reverse(LIST)).content.decode()
    assert "small (asked: M), call 2" in page


def test_what_is_no_id_or_no_offer_filters_plainly(client: Client) -> None:
    made = call()
    assert listed(client, visitor="nobody") == set()
    assert listed(client, hours="x", over_seconds="x", fallback="x") == {made.pk}


def test_the_export_holds_every_column_and_no_formulas(client: Client) -> None:
    call(detail="=HYPERLINK(evil)", cost_usd=None, parameters={"temperature": 0.2})
    (row,) = exported(client)
    assert tuple(row) == COLUMNS
    assert row["detail"] == "'=HYPERLINK(evil)"
    assert row["cost_usd"] == ""
    assert row["parameters"] == "{'temperature': 0.2}"


def test_the_list_leads_to_the_export_with_its_filters(client: Client) -> None:
    call()
    page = client.get(reverse(LIST), {"model": "M"}).content.decode()
    assert f"{reverse(EXPORT)}?model=M" in page
    assert "visitor" in page


def test_who_may_not_read_the_ledger_may_not_export_it() -> None:
    assert cast.signed_in(cast.agent()).get(reverse(EXPORT)).status_code == 403

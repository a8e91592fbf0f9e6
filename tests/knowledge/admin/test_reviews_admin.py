"""Contradictions and duplicates in the admin: both sides, and what an operator decides."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.actions.defaults import ensure_defaults, ensure_generation
from knowledge.models import (
    Chunk,
    Collection,
    Contradiction,
    Document,
    DocumentVersion,
    DuplicatePair,
    ReviewState,
)
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
LIST = "admin:knowledge_contradiction_changelist"
DUPLICATES = "admin:knowledge_duplicatepair_changelist"


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def document(title: str) -> Document:
    home = Collection.objects.get(slug="default")
    return Document.objects.create(collection=home, path=f"{title}.md", title=title)


def contradiction(**fields: Any) -> Contradiction:
    values = {
        "first": document(f"Returns {Contradiction.objects.count()}"),
        "second": document(f"Refunds {Contradiction.objects.count()}"),
        "first_statement": "You have <b>14 days</b> to send it back.",
        "second_statement": "You have 30 days to send it back.",
        "first_value": "14 days",
        "second_value": "30 days",
        "kind": "duration",
        "key": str(Contradiction.objects.count()),
    }
    return Contradiction.objects.create(**{**values, **fields})


def read(client: Client, name: str, **query: str) -> str:
    return client.get(reverse(name), query).content.decode()


def act(client: Client, row: Any, action: str) -> Any:
    kind = row._meta.model_name
    return client.post(reverse(f"admin:knowledge_{kind}_act", args=[row.pk]), {"action": action})


def test_empty_lists_say_what_they_are_for(client: Client) -> None:
    assert "different numbers, dates or prices are listed here" in read(client, LIST)
    assert "Documents that say the same" in read(client, DUPLICATES)


def test_both_statements_stand_side_by_side_with_their_values_marked(client: Client) -> None:
    row = contradiction()
    page = read(client, LIST)
    assert "<mark>14 days</mark>" in page
    assert "<mark>30 days</mark>" in page
    assert "You have &lt;b&gt;" in page
    for side in (row.first, row.second):
        assert reverse("admin:knowledge_document_change", args=[side.pk]) in page
    assert "To be looked at" in page


def test_open_ones_come_first_and_states_can_be_filtered(client: Client) -> None:
    contradiction(first_value="14", state=ReviewState.OPEN)
    contradiction(first_statement="It has 7 parts", first_value="7", state=ReviewState.SETTLED)
    page = read(client, LIST)
    assert page.index("<mark>14</mark>") < page.index("<mark>7</mark>")
    page = read(client, LIST, state__exact="settled")
    assert "<mark>7</mark>" in page
    assert "<mark>14</mark>" not in page


def test_the_page_of_one_shows_where_the_statements_stand(client: Client) -> None:
    row = contradiction()
    version = DocumentVersion.objects.create(
        document=row.first, number=1, content_hash="0" * 64, stored_name="x", size_bytes=1
    )
    chunk = Chunk.objects.create(
        version=version,
        generation=ensure_generation(),
        ordinal=0,
        headings=["Shop", "Sending back"],
        text="Before that. You have 14 days.",
        token_count=7,
    )
    Contradiction.objects.filter(pk=row.pk).update(first_chunk=chunk.pk)
    page = client.get(reverse("admin:knowledge_contradiction_change", args=[row.pk]))
    text = page.content.decode()
    assert "Shop > Sending back" in text
    assert "Before that. You have 14 days." in text
    assert "Not a problem" in text


@pytest.mark.parametrize(
    ("action", "state"),
    [("settle", ReviewState.SETTLED), ("dismiss", ReviewState.DISMISSED)],
)
def test_a_decision_is_kept_with_who_made_it_and_can_be_taken_back(
    client: Client, action: str, state: ReviewState
) -> None:
    row = contradiction()
    assert act(client, row, action).status_code == 302
    row.refresh_from_db()
    assert row.decided_by is not None
    assert (row.state, row.decided_by.username) == (state, "otto")
    act(client, row, "reopen")
    row.refresh_from_db()
    assert row.state == ReviewState.OPEN.value
    assert Contradiction.objects.filter(pk=row.pk, decided_by=None).exists()


def test_many_are_decided_at_once(client: Client) -> None:
    chosen = [contradiction(), contradiction()]
    left = contradiction()
    form = {"action": "dismiss_chosen", "_selected_action": [str(row.pk) for row in chosen]}
    page = client.post(reverse(LIST), form, follow=True).content.decode()
    assert "2 contradictions: not a problem." in page
    open_ones = Contradiction.objects.filter(state=ReviewState.OPEN)
    assert list(open_ones) == [left]


def test_duplicates_are_shown_with_how_alike_they_are_and_decided_on(client: Client) -> None:
    first, second, third = document("A"), document("B"), document("C")
    same = DuplicatePair.objects.create(first=first, second=second, similarity=1.0)
    DuplicatePair.objects.create(first=first, second=third, similarity=0.912)
    page = read(client, DUPLICATES)
    assert "The same text" in page
    assert "91%" in page
    assert act(client, same, "settle").status_code == 302
    same.refresh_from_db()
    assert same.state == ReviewState.SETTLED
    address = reverse("admin:knowledge_duplicatepair_change", args=[same.pk])
    assert "Look at it again" in client.get(address).content.decode()


def test_an_unknown_decision_and_an_agent_are_refused(client: Client) -> None:
    row = contradiction()
    assert act(client, row, "delete").status_code == 403
    agent = cast.signed_in(cast.agent())
    assert act(agent, row, "settle").status_code == 403
    assert agent.get(reverse(LIST)).status_code == 403
    row.refresh_from_db()
    assert row.state == ReviewState.OPEN

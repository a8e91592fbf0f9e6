"""What is due: a card on the first page, reminders that a new owner starts anew, one action."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection
from tests import admin_cast as cast
from tests.knowledge.admin.shelf import choose, make

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def test_an_owner_given_to_many_is_reminded_of_them_anew(client: Client) -> None:
    owner = User.objects.get(username="otto")
    today, before = timezone.localdate(), timezone.now()
    left = make("Returns", review_by=today, reminded_at=before)
    own = make("Prices", review_by=today, reminded_at=before, owner=owner)
    choose(client, "choose_owner", [left, own], apply="yes", owner=owner.pk)
    left.refresh_from_db()
    own.refresh_from_db()
    assert (left.owner, left.reminded_at) == (owner, None)
    assert (own.owner, own.reminded_at) == (owner, before)


def test_an_agent_sees_the_dates_and_cannot_change_them() -> None:
    ensure_defaults()
    document = make("Returns", review_by=timezone.localdate())
    client = cast.signed_in(cast.agent())
    page = client.get(reverse("admin:knowledge_document_change", args=[document.pk]))
    assert page.status_code == 200
    assert 'name="review_by"' not in page.content.decode()


def test_the_first_page_and_the_list_show_what_is_due(client: Client) -> None:
    now = timezone.now()
    make("Returns", review_by=timezone.localdate())
    make("Summer sale", valid_until=now + timedelta(days=3))
    make("Prices", review_by=timezone.localdate() + timedelta(days=3))
    page = client.get(reverse("admin:index")).content.decode()
    assert "document to review" in page
    assert "Returns" in page
    assert "Summer sale" in page
    assert "Prices" not in page
    address = reverse("admin:knowledge_document_changelist")
    rows = client.get(address, {"review": "due"}).context["cl"].queryset
    assert [document.title for document in rows] == ["Returns"]
    rows = client.get(address, {"valid": "soon"}).context["cl"].queryset
    assert [document.title for document in rows] == ["Summer sale"]


def test_nothing_due_is_no_card(client: Client) -> None:
    make("Prices")
    assert "to review" not in client.get(reverse("admin:index")).content.decode()


def test_a_collections_readers_are_given_to_its_documents_from_the_list(client: Client) -> None:
    document = make("Returns")
    collection = Collection.objects.get(slug="default")
    collection.audiences.set(["internal"])
    response = client.post(
        reverse("admin:knowledge_collection_changelist"),
        {"action": "give_readers", "_selected_action": [str(collection.pk)]},
        follow=True,
    )
    assert "1 document has other readers now" in response.content.decode()
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]

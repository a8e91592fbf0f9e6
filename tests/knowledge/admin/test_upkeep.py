"""Owner, validity and review in the admin: a form that acts, a filter, a card on the first page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from knowledge.actions.defaults import ensure_defaults
from knowledge.actions.readers import UNTOLD
from knowledge.models import Audience, Collection, Document, DocumentStatus, DocumentVersion
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def make(title: str, **fields: Any) -> Document:
    document = Document.objects.create(
        collection=Collection.objects.get(slug="default"),
        path=f"{title}.md",
        title=title,
        status=DocumentStatus.INDEXED,
        **fields,
    )
    document.audiences.add(Audience.objects.get(slug="public"))
    document.current_version = DocumentVersion.objects.create(
        document=document, number=1, content_hash="0" * 64, stored_name="x", size_bytes=1
    )
    document.save()
    return document


def save(client: Client, document: Document, **changes: str) -> Any:
    fields = {
        "title": document.title,
        "url": "",
        "audiences": ["public"],
        "published": "on",
        # What it was when the page was opened: an empty box alone says nothing.
        "initial-published": str(document.published),
        "valid_from": "",
        "valid_until": "",
        "owner": "",
        "review_by": "",
        **changes,
    }
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    response = client.post(address, fields)
    document.refresh_from_db()
    return response


def test_owner_and_day_are_stored_and_a_new_day_is_reminded_of_anew(client: Client) -> None:
    owner = User.objects.get(username="otto")
    document = make("Returns", reminded_at=timezone.now())
    assert save(client, document, owner=str(owner.pk), review_by="2026-05-01").status_code == 302
    assert (document.owner, str(document.review_by)) == (owner, "2026-05-01")
    assert document.reminded_at is None
    Document.objects.update(reminded_at=timezone.now())
    save(client, document, owner=str(owner.pk), review_by="2026-05-01", title="Returns now")
    assert document.title == "Returns now"
    assert document.reminded_at is not None


def test_validity_and_publication_are_told_to_the_index(client: Client) -> None:
    document = make("Returns", readers_in_index=["public"])
    save(client, document, valid_until="2026-05-01T18:00")
    assert str(document.valid_until) == "2026-05-01 18:00:00+00:00"
    assert document.readers_in_index == [UNTOLD]
    Document.objects.update(readers_in_index=["public"])
    save(client, document, published="", valid_until="2026-05-01T18:00")
    assert not document.published
    assert document.readers_in_index == [UNTOLD]


def test_an_end_before_the_beginning_and_a_stranger_as_owner_are_refused(client: Client) -> None:
    document = make("Returns")
    page = save(
        client,
        document,
        valid_from="2026-05-02T00:00",
        valid_until="2026-05-01T00:00",
    )
    assert "Choose an end that is later than the beginning." in page.content.decode()
    stranger = User.objects.create_user("stranger")
    assert (
        "Select a valid choice" in save(client, document, owner=str(stranger.pk)).content.decode()
    )
    assert document.owner is None


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
    collection.audiences.set([Audience.objects.get(slug="internal")])
    response = client.post(
        reverse("admin:knowledge_collection_changelist"),
        {"action": "give_readers", "_selected_action": [str(collection.pk)]},
        follow=True,
    )
    assert "1 document has other readers now" in response.content.decode()
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]

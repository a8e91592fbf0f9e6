"""Collections and audiences: what cannot be deleted, and readers given to all documents."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.models import Audience, Collection, Document
from tests.knowledge.admin.shelf import make

pytestmark = pytest.mark.django_db


def test_a_collection_with_documents_and_a_built_in_audience_cannot_be_deleted(
    client: Client,
) -> None:
    collection = Collection.objects.create(slug="manuals", name="Manuals")
    Document.objects.create(collection=collection, path="a.md", title="A")
    address = reverse("admin:knowledge_collection_delete", args=[collection.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    address = reverse("admin:knowledge_audience_delete", args=["public"])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Audience.objects.filter(slug="public").exists()


def test_a_collections_readers_go_to_its_documents_only_when_asked(
    client: Client, told: list[tuple[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    document = make("a")
    collection = document.collection
    address = reverse("admin:knowledge_collection_change", args=[collection.pk])
    data = {"name": "Staff", "audiences": ["internal"], "local_models_only": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, data)
    collection.refresh_from_db()
    assert collection.local_models_only
    assert [audience.slug for audience in collection.audiences.all()] == ["internal"]
    assert [audience.slug for audience in document.audiences.all()] == ["public"]
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(address, {**data, "for_documents": "on"}, follow=True)
    assert "1 document" in page.content.decode()
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]
    assert told == [("audiences", ["internal"])]

"""Collections say what they hold, who reads them, and where their passages may go."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection, Document
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def words(page: bytes) -> str:
    text = page.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", text[text.index('id="main"') :]).split())


def test_local_models_only_is_a_switch_with_its_meaning(client: Client) -> None:
    collection = Collection.objects.get(slug="default")
    address = reverse("admin:knowledge_collection_change", args=[collection.pk])
    page = words(client.get(address).content)
    assert "On: no passage of these documents is sent to a language model outside" in page
    given = {"name": "Default", "local_models_only": "on", "audiences": ["public"]}
    listed = words(client.post(address, given, follow=True).content)
    collection.refresh_from_db()
    assert collection.local_models_only
    assert "local ones only" in listed
    assert "Local models only" in words(client.get(address).content)


def test_a_collection_counts_its_documents_by_state(client: Client) -> None:
    collection = Collection.objects.get(slug="default")
    for name, status in (("a", "indexed"), ("b", "indexed"), ("c", "failed")):
        Document.objects.create(collection=collection, path=name, title=name, status=status)
    address = reverse("admin:knowledge_collection_change", args=[collection.pk])
    page = client.get(address).content
    assert "2 ready , 1 failed . 0 passages in the index." in words(page)
    failed = re.search(r'href="([^"]*status__exact=failed)"', page.decode())
    assert failed
    listed = client.get(failed[1].replace("&amp;", "&"))
    assert [row.title for row in listed.context["cl"].result_list] == ["c"]
    rows = words(client.get(reverse("admin:knowledge_collection_changelist")).content)
    assert "Default default Everybody any 2 3" in rows


def test_a_new_collection_asks_for_everything_and_keeps_its_slug(client: Client) -> None:
    address = reverse("admin:knowledge_collection_add")
    client.post(address, {"name": "Manuals", "slug": "manuals", "audiences": ["internal"]})
    made = Collection.objects.get(slug="manuals")
    assert not made.local_models_only
    change = reverse("admin:knowledge_collection_change", args=[made.pk])
    client.post(change, {"name": "Books", "slug": "books", "audiences": ["public"]})
    made.refresh_from_db()
    assert (made.name, made.slug) == ("Books", "manuals")
    assert "It holds no documents yet." in words(client.get(change).content)

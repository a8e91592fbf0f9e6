"""Documents in the admin: true states with reasons, and what can be done about them."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.actions import documents as actions
from knowledge.actions.defaults import ensure_defaults
from knowledge.admin import documents as documents_admin
from knowledge.models import Audience, Chunk, Collection, Document, DocumentStatus, DocumentVersion
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    calls: list[Document] = []
    monkeypatch.setattr(documents_admin, "ring", calls.append)
    return calls


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the vector index was told, in place of an index."""
    calls: list[tuple[str, Any]] = []

    class Index:
        def delete_documents(self, ids: list[str]) -> None:
            calls.append(("delete", ids))

        def set_audiences(self, document: str, slugs: list[str]) -> None:
            calls.append(("audiences", slugs))

    monkeypatch.setattr(actions, "vector_store", Index)
    return calls


def make(name: str, status: str = DocumentStatus.INDEXED, **fields: Any) -> Document:
    document = Document.objects.create(
        collection=Collection.objects.get(slug="default"),
        path=f"{name}.md",
        title=name,
        status=status,
        **fields,
    )
    document.audiences.add(Audience.objects.get(slug="public"))
    version = DocumentVersion.objects.create(
        document=document, number=1, content_hash="0" * 64, stored_name="x", size_bytes=2048
    )
    if status == DocumentStatus.INDEXED:
        document.current_version = version
        document.save()
    return document


def act(client: Client, document: Document, action: str) -> str:
    address = reverse("admin:knowledge_document_act", args=[document.pk])
    return client.post(address, {"action": action}, follow=True).content.decode()


def test_the_list_says_the_state_in_words_with_reason_and_progress(client: Client) -> None:
    make("scan", DocumentStatus.FAILED, error="This PDF is a scan. Install Tesseract.")
    make("long", DocumentStatus.EMBEDDING, progress_done=3, progress_total=12)
    page = client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    for words in ("Failed", "This PDF is a scan. Install Tesseract.", "Embedding", "3 of 12"):
        assert words in page, words


def test_live_states_are_those_of_the_rows_asked_for(client: Client) -> None:
    one, other = make("one", DocumentStatus.PARSING), make("other")
    address = reverse("admin:knowledge_document_states")
    found = client.get(address, {"ids": f"{one.pk},nonsense,{uuid.uuid4()}"}).json()
    assert list(found) == [str(one.pk)]
    assert found[str(one.pk)]["label"] == "Reading"
    assert found[str(one.pk)]["busy"] is True
    Document.objects.filter(pk=one.pk).update(status=DocumentStatus.FAILED, error="Broken.")
    found = client.get(address, {"ids": f"{one.pk},{other.pk}"}).json()
    assert (found[str(one.pk)]["busy"], found[str(one.pk)]["detail"]) == (False, "Broken.")


def test_retry_queues_the_document_and_rings(client: Client, rung: list[Document]) -> None:
    document = make("broken", DocumentStatus.FAILED, error="Broken.")
    act(client, document, "retry")
    document.refresh_from_db()
    assert (document.status, document.error) == (DocumentStatus.QUEUED, "")
    assert rung == [document]


def test_a_document_without_a_file_cannot_be_tried_again_and_says_so(
    client: Client, rung: list[Document]
) -> None:
    document = make("gone", DocumentStatus.FAILED)
    document.versions.all().delete()
    assert "There is no file to read. Upload it again." in act(client, document, "retry")
    assert not rung


def test_withdraw_takes_the_document_out_of_the_index(
    client: Client, told: list[tuple[str, Any]]
) -> None:
    document = make("old")
    act(client, document, "withdraw")
    document.refresh_from_db()
    assert document.status == DocumentStatus.WITHDRAWN
    assert told == [("delete", [str(document.pk)])]


def test_many_are_withdrawn_or_deleted_at_once(client: Client, told: list[tuple[str, Any]]) -> None:
    chosen = [make("a"), make("b")]
    kept = make("c")
    address = reverse("admin:knowledge_document_changelist")
    ids = [str(document.pk) for document in chosen]
    page = client.post(
        address, {"action": "withdraw_chosen", "_selected_action": ids}, follow=True
    ).content.decode()
    assert "2 documents are withdrawn." in page
    client.post(address, {"action": "delete_selected", "_selected_action": ids, "post": "yes"})
    assert list(Document.objects.all()) == [kept]
    assert len(told) == 4


def test_changing_the_readers_tells_the_index_and_leaves_the_state_to_the_worker(
    client: Client,
    told: list[tuple[str, Any]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    document = make("page", DocumentStatus.EMBEDDING)
    address = reverse("admin:knowledge_document_change", args=[document.pk])
    client.get(address)
    Document.objects.filter(pk=document.pk).update(status=DocumentStatus.INDEXED)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(address, {"title": "New title", "url": "", "audiences": ["internal"]})
    document.refresh_from_db()
    assert (document.title, document.status) == ("New title", DocumentStatus.INDEXED)
    assert told == [("audiences", ["internal"])]


def test_a_documents_page_shows_outline_passages_and_versions(client: Client) -> None:
    document = make("guide")
    version = document.current_version
    assert version is not None
    for ordinal, headings in enumerate((["Guide"], ["Guide", "Paying"], ["Guide", "Paying"])):
        Chunk.objects.create(
            version=version,
            ordinal=ordinal,
            headings=headings,
            text=f"<b>text {ordinal}</b>",
            token_count=7,
        )
    page = client.get(reverse("admin:knowledge_document_change", args=[document.pk]))
    text = page.content.decode()
    assert [(part["heading"], part["number"]) for part in page.context["outline"]] == [
        ("Guide", 1),
        ("Paying", 2),
    ]
    assert "&lt;b&gt;text 2&lt;/b&gt;" in text
    assert "3 passages of version 1" in text
    assert "In use" in text


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


def test_the_empty_list_says_what_to_do_first(client: Client) -> None:
    page = client.get(reverse("admin:knowledge_document_changelist")).content.decode()
    assert "Start by uploading a few" in page

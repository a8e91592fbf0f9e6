"""FAQ entries in the admin: saving publishes, the list says where each stands."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection, Document, DocumentStatus, FaqEntry
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
LIST = "admin:knowledge_faqentry_changelist"


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


def fields(**more: Any) -> dict[str, Any]:
    collection = Collection.objects.get(slug="default")
    return {
        "question": "How long may I return a lantern?", "answer": "45 days.", "other_wordings": "",
        "collection": str(collection.pk), **more,
    }  # fmt: skip


def test_saving_publishes_and_the_list_says_the_state(client: Client) -> None:
    client.post(
        reverse("admin:knowledge_faqentry_add"), fields(audiences=["internal"]), follow=True
    )
    document = Document.objects.get()
    assert (
        document.title == "How long may I return a lantern?" or document.versions.get().given_title
    )
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]
    page = client.get(reverse(LIST)).content.decode()
    assert "How long may I return a lantern?" in page
    assert "Waiting" in page


def test_a_change_makes_a_new_version_and_deleting_takes_it_out(client: Client) -> None:
    client.post(reverse("admin:knowledge_faqentry_add"), fields(), follow=True)
    entry = FaqEntry.objects.get()
    address = reverse("admin:knowledge_faqentry_change", args=[entry.pk])
    client.post(address, fields(answer="60 days."), follow=True)
    assert Document.objects.get().versions.count() == 2
    assert "Its document" in client.get(address).content.decode()
    client.post(
        reverse("admin:knowledge_faqentry_delete", args=[entry.pk]), {"post": "yes"}, follow=True
    )
    assert not Document.objects.exists()


def test_the_list_of_entries_shows_a_failed_document_with_its_reason(client: Client) -> None:
    client.post(reverse("admin:knowledge_faqentry_add"), fields(), follow=True)
    Document.objects.update(status=DocumentStatus.FAILED, error="It could not be embedded.")
    assert "It could not be embedded." in client.get(reverse(LIST)).content.decode()


def test_a_table_is_taken_in_and_bad_rows_are_named(client: Client) -> None:
    table = SimpleUploadedFile("faq.csv", b"question,answer\nHow?,So.\nWhy?,\n")
    address = reverse("admin:knowledge_faqentry_table")
    page = client.post(address, {"table": table, "collection": "default"}).content.decode()
    assert "1 new, 0 changed, 0 the same." in page
    assert "A question and an answer are needed." in page
    assert FaqEntry.objects.get().question == "How?"
    wrong = SimpleUploadedFile("faq.csv", b"something else")
    page = client.post(address, {"table": wrong, "collection": "default"}).content.decode()
    assert "first row has to name the columns" in page


def test_agents_have_no_entries(client: Client) -> None:
    other = cast.signed_in(cast.agent())
    assert other.get(reverse(LIST)).status_code == 403
    assert other.get(reverse("admin:knowledge_faqentry_table")).status_code == 403
    assert "what customers ask most" in client.get(reverse(LIST)).content.decode()

"""The vocabulary in the admin: only what search can use is stored, and it can be tried."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.models import VocabularyEntry
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.operator())


def add(client: Client, term: str, synonyms: str = "") -> Any:
    address = reverse("admin:knowledge_vocabularyentry_add")
    return client.post(address, {"term": term, "synonyms": synonyms})


def test_an_entry_is_stored_without_blank_lines(client: Client) -> None:
    assert add(client, " Refill ", "top  up\n\nrecharge\n").status_code == 302
    entry = VocabularyEntry.objects.get()
    assert (entry.term, entry.synonyms) == ("Refill", "top up\nrecharge")


@pytest.mark.parametrize(
    ("term", "synonyms", "sentence"),
    [
        ("", "top up", "This field is required"),
        ("...", "", "no letter or digit"),
        ("REFILL", "load", "is there already"),
        ("re fill", "Re-Fill", "is the term itself"),
        ("Door Code", "pin\nPIN", "is there twice"),
        ("Door Code", "!", "no letter or digit"),
        ("Door Code", "how do I", "in nearly every question"),
        ("Door Code", "x" * 101, "longer than 100"),
        ("Door Code", "\n".join(f"word{n}" for n in range(51)), "At most 50"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(
    client: Client, term: str, synonyms: str, sentence: str
) -> None:
    VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    response = add(client, term, synonyms)
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert VocabularyEntry.objects.count() == 1


def test_an_entry_may_be_saved_again_as_it_is(client: Client) -> None:
    entry = VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    address = reverse("admin:knowledge_vocabularyentry_change", args=[entry.pk])
    assert client.post(address, {"term": "refill", "synonyms": "load"}).status_code == 302
    assert VocabularyEntry.objects.get().term == "refill"


def test_the_box_says_what_customers_search_for(client: Client) -> None:
    VocabularyEntry.objects.create(term="Refill", synonyms="top up")
    address = reverse("admin:knowledge_vocabularyentry_try")
    page = client.get(address, {"text": "where can I top up"}).content.decode()
    assert "where can I top up Refill" in page
    page = client.get(address, {"text": "<b>hello</b>"}).content.decode()
    assert "No entry fits" in page
    assert "<b>hello</b>" not in page


def test_a_file_is_imported_and_the_rows_left_out_are_told(client: Client) -> None:
    address = reverse("admin:knowledge_vocabularyentry_import")
    data = "\ufeffRefill,top up\nPIN,pin\n".encode()
    response = client.post(address, {"file": SimpleUploadedFile("words.csv", data)}, follow=True)
    page = response.content.decode()
    assert "1 added" in page
    assert "Row 2" in page
    assert VocabularyEntry.objects.get().term == "Refill"
    response = client.post(address, {"file": SimpleUploadedFile("words.csv", b"\xff\xfe\x00")})
    assert "not UTF-8" in response.content.decode()

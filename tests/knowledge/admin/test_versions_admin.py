"""Two versions beside each other, and an earlier one brought back."""

import pytest
from django.test import Client
from django.urls import reverse

from knowledge.models import Document, DocumentStatus
from tests import admin_cast as cast
from tests.knowledge.admin.shelf import act, add_version, make, open_page

pytestmark = pytest.mark.django_db
OLD = "# Returns\n\nSend goods back within 30 days.\n\nFree of charge.\n\nOld rule."
NEW = "# Returns\n\nSend goods back within 60 days.\n\nFree of charge.\n\nNew <b>rule</b> of May."


def two_versions() -> Document:
    document = make("returns")
    document.versions.update(text=OLD)
    add_version(document, NEW)
    return document


def compared(client: Client, document: Document, **query: str) -> str:
    address = reverse("admin:knowledge_document_versions", args=[document.pk])
    return client.get(address, query).content.decode()


def test_what_changed_is_shown_by_words_and_not_by_colour_alone(client: Client) -> None:
    page = compared(client, two_versions())
    assert "From version 1 to version 2" in page
    removed = page[page.index("<del>") : page.index("</del>")]
    assert "(removed: </span>30 " in removed
    added = page[page.index("<ins>") : page.index("</ins>")]
    assert "(added: </span>60 " in added
    for label in ("Reworded", "Added", "Removed"):
        assert f"</span>{label}</p>" in page
    assert "New &lt;b&gt;rule&lt;/b&gt; of May." in page
    assert "1 paragraph added, 1 removed, 1 reworded" in page


def test_any_two_can_be_chosen_and_nonsense_does_no_harm(client: Client) -> None:
    document = two_versions()
    assert "From version 2 to version 1" in compared(client, document, **{"from": "2", "to": "1"})
    for odd in ("0", "-1", "x", "9" * 300, ""):
        page = compared(client, document, **{"from": odd, "to": odd})
        assert "From version 1 to version 2" in page


def test_the_same_text_and_a_text_not_read_are_said(client: Client) -> None:
    document = two_versions()
    add_version(document, NEW)
    assert "Both say the same." in compared(client, document, **{"from": "2", "to": "3"})
    add_version(document)
    page = compared(client, document)
    assert "Version 4 has no text to compare: it was not read yet." in page


def test_one_version_alone_says_how_to_make_another(client: Client) -> None:
    document = make("page")
    assert "Upload a file of the same name" in compared(client, document)


def test_an_earlier_version_comes_back_as_the_newest(client: Client, rung: list[Document]) -> None:
    document = two_versions()
    page = act(client, document, "restore", version=1)
    assert "going back to version 1, which is made ready as 3" in page
    document.refresh_from_db()
    assert document.status == DocumentStatus.QUEUED
    restored = document.versions.get(number=3)
    assert restored.restored_from == 1
    assert rung == [document]
    assert "brings back version 1" in open_page(client, document).content.decode()


def test_what_cannot_be_brought_back_says_why(client: Client, rung: list[Document]) -> None:
    document = two_versions()
    assert "newest version already" in act(client, document, "restore", version=2)
    assert "There is no such version." in act(client, document, "restore", version=7)
    assert "There is no such version." in act(client, document, "restore")
    assert not rung


def test_an_agent_compares_and_is_offered_no_way_back(client: Client) -> None:
    document = two_versions()
    page = compared(cast.signed_in(cast.agent()), document)
    assert "Reworded" in page
    assert 'value="restore"' not in page

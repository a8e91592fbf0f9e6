"""Golden questions in the admin: entered, found by their documents' names, imported."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge import golden
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection, Document, GoldenQuestion
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    ensure_defaults()
    return cast.signed_in(cast.operator())


@pytest.fixture
def documents(client: Client) -> dict[str, Document]:
    home = Collection.objects.get(slug="default")
    names = ("Returns", "Returning a gift", "Invoices")
    return {
        name: Document.objects.create(collection=home, path=f"shop/{name}.md", title=name)
        for name in names
    }


def words(response: Any) -> str:
    assert response.status_code == 200
    page = response.content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index('id="main"') :]).split())


def add(client: Client, question: str, document: str) -> str:
    address = reverse("admin:knowledge_goldenquestion_add")
    return words(client.post(address, {"question": question, "document": document}, follow=True))


def imported(client: Client, pasted: str = "", table: bytes | None = None) -> str:
    address = reverse("admin:knowledge_goldenquestion_import")
    given: dict[str, Any] = {"pasted": pasted}
    if table is not None:
        given["table"] = SimpleUploadedFile("questions.csv", table)
    return words(client.post(address, given))


@pytest.mark.parametrize("named", ["shop/Invoices.md", "invoices", "INVOICES", "voice", "id"])
def test_a_document_is_named_by_path_title_part_or_id(
    client: Client, documents: dict[str, Document], named: str
) -> None:
    wanted = documents["Invoices"]
    add(client, "  Where is\nmy bill? ", str(wanted.pk) if named == "id" else named)
    row = GoldenQuestion.objects.get()
    assert (row.question, row.document) == ("Where is my bill?", wanted)


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("return", "Several documents fit return: "),
        ("<b>nothing</b>", "There is no document &lt;b&gt;nothing&lt;/b&gt;."),
        ("", "This field is required."),
    ],
)
def test_a_name_that_means_no_single_document_is_refused_with_what_to_write(
    client: Client, documents: dict[str, Document], named: str, sentence: str
) -> None:
    assert sentence in add(client, "Where is my bill?", named)
    assert not GoldenQuestion.objects.exists()


def test_an_exact_title_wins_over_one_that_only_holds_it(
    client: Client, documents: dict[str, Document]
) -> None:
    Document.objects.create(
        collection=Collection.objects.get(slug="default"), path="x.md", title="Returns abroad"
    )
    add(client, "Can I send it back?", "returns")
    assert GoldenQuestion.objects.get().document == documents["Returns"]


def test_the_same_path_in_two_collections_is_told_apart_by_id(
    client: Client, documents: dict[str, Document]
) -> None:
    other = Collection.objects.create(slug="other", name="Other")
    twin = Document.objects.create(collection=other, path="shop/Invoices.md", title="Bills")
    assert "Several documents fit shop/Invoices.md" in add(client, "A", "shop/Invoices.md")
    address = reverse("admin:knowledge_goldenquestion_documents")
    suggested = client.get(address, {"q": "bills"}).json()["documents"]
    assert suggested == [{"value": str(twin.pk), "label": "Bills (shop/Invoices.md, Other)"}]
    add(client, "A", suggested[0]["value"])
    assert GoldenQuestion.objects.get().document == twin


def test_a_withdrawn_document_is_nobodys_answer(
    client: Client, documents: dict[str, Document]
) -> None:
    Document.objects.filter(title="Invoices").update(status="withdrawn")
    assert "Invoices is withdrawn, so nobody finds it." in add(client, "A", "Invoices")


def test_the_same_question_is_not_entered_twice_and_can_be_changed(
    client: Client, documents: dict[str, Document]
) -> None:
    add(client, "Where is my bill?", "Invoices")
    assert "already exists" in add(client, "Where is my bill?", "Invoices")
    row = GoldenQuestion.objects.get()
    address = reverse("admin:knowledge_goldenquestion_change", args=[row.pk])
    assert 'value="shop/Invoices.md"' in client.get(address).content.decode()
    client.post(address, {"question": "My bill?", "document": "shop/Returns.md"})
    row.refresh_from_db()
    assert (row.question, row.document) == ("My bill?", documents["Returns"])


def test_a_recorded_question_comes_filled_in(
    client: Client, documents: dict[str, Document]
) -> None:
    address = reverse("admin:knowledge_goldenquestion_add")
    given = {"question": "My bill?", "document": str(documents["Invoices"].pk)}
    page = client.get(address, given).content.decode()
    assert 'value="My bill?"' in page
    assert f'value="{documents["Invoices"].pk}"' in page


def test_a_table_is_imported_and_each_line_that_cannot_be_says_why(
    client: Client, documents: dict[str, Document]
) -> None:
    table = (
        "question,document path\n"
        '"Where, please, is my bill?",shop/Invoices.md\n'
        "Can I send it back?,Returns\n"
        "\n"
        "Which one?,return\n"
        "Lost?,nowhere.md\n"
        ",Invoices\n"
    )
    page = imported(client, table=table.encode())
    assert "2 added, 0 known already, 3 left out." in page
    assert "Line 5: Several documents fit return" in page
    assert "Line 6: There is no document nowhere.md." in page
    assert "Line 7: The question is empty." in page
    assert "0 added, 2 known already, 3 left out." in imported(client, pasted=table)
    assert set(GoldenQuestion.objects.values_list("question", flat=True)) == {
        "Where, please, is my bill?",
        "Can I send it back?",
    }


@pytest.mark.parametrize(
    "table",
    [
        "frage;document\nWie schön ist das?;Invoices\n".encode("cp1252"),
        "﻿Wie schön ist das?\tInvoices\n".encode(),
        "Wie schön ist das?;Invoices".encode("utf-16"),
    ],
    ids=["semicolons in Windows letters", "tabs in UTF-8 with a mark", "UTF-16"],
)
def test_what_spreadsheets_save_is_read(
    client: Client, documents: dict[str, Document], table: bytes
) -> None:
    assert "1 added" in imported(client, table=table)
    assert GoldenQuestion.objects.get().question == "Wie schön ist das?"


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "There are no questions in it."),
        ("only one column\n", "Line 1 has 1 columns."),
        ('a,b\n"open,c\n', "cannot be read"),
        ("q,d,more\n", "Line 1 has 3 columns."),
        ("q,d\n" * 2002, "At most 2000 questions at once."),
        ("x" * (1024 * 1024 + 1), "larger than 1 MB"),
        ("\x00\x01\x02,\x00\n", "cannot be read"),
    ],
    ids=["empty", "one column", "open quote", "three columns", "too many", "too large", "binary"],
)
def test_a_table_that_cannot_be_read_is_refused_whole(
    client: Client, documents: dict[str, Document], pasted: str, sentence: str
) -> None:
    page = imported(client, table=pasted.encode())
    assert sentence in page
    assert not GoldenQuestion.objects.exists()


def test_the_list_leads_to_the_document_and_to_the_search(
    client: Client, documents: dict[str, Document]
) -> None:
    documents["Invoices"].audiences.set([Audience.objects.get(slug="internal")])
    add(client, "<b>My</b> bill & more?", "Invoices")
    page = client.get(reverse("admin:knowledge_goldenquestion_changelist")).content.decode()
    assert "&lt;b&gt;My&lt;/b&gt; bill &amp; more?" in page
    assert "<b>My</b>" not in page
    found = re.search(r'href="(/admin/knowledge/search/\?[^"]*)"', page)
    assert found
    assert "audiences=internal" in found[1]
    assert f"document={documents['Invoices'].pk}" in found[1]


def test_the_empty_list_says_what_golden_questions_are_for(client: Client) -> None:
    page = words(client.get(reverse("admin:knowledge_goldenquestion_changelist")))
    assert "A golden question is something customers ask" in page


def test_the_page_measures_when_it_is_told_to_and_shows_the_worst_first(
    client: Client, documents: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    ranks = {"Easy?": 1, "Lost?": 0, "Deep?": 7}
    for question in ranks:
        GoldenQuestion.objects.create(question=question, document=documents["Invoices"])
    monkeypatch.setattr(golden, "_ranked", lambda generation, query, document: ranks[query])
    address = reverse("admin:knowledge_goldenquestion_measure")
    assert "95 % interval" not in words(client.get(address))
    page = words(client.post(address))
    assert "Right document first 0.3333" in page
    assert "Lost? Invoices not found Deep? Invoices 7 Easy? Invoices 1" in page


def test_measuring_without_questions_says_so(client: Client) -> None:
    page = words(client.post(reverse("admin:knowledge_goldenquestion_measure")))
    assert "There are no golden questions to ask." in page


def test_who_may_not_see_the_questions_may_not_measure(client: Client) -> None:
    address = reverse("admin:knowledge_goldenquestion_measure")
    assert cast.signed_in(cast.agent()).post(address).status_code == 403

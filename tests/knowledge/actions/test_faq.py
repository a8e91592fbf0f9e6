"""An FAQ entry is a document: written, changed and taken out with it."""

import pytest

from knowledge.actions import faq
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Audience, Collection, Document, DocumentKind, DocumentStatus, FaqEntry
from tests.knowledge.sources.casting import make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


def entry(**fields: str) -> FaqEntry:
    values = {
        "question": "How do I return a lantern?",
        "answer": "Send it back within **45 days**.",
        "other_wordings": "send back\n\nrefund for a lamp",
        **fields,
    }
    return FaqEntry.objects.create(collection=Collection.objects.get(slug="default"), **values)


def stored_text(document: Document) -> str:
    return faq.markdown(document.faq_entry)


def test_an_entry_becomes_a_document_under_its_question() -> None:
    made = entry()
    document = faq.publish(made)
    document.refresh_from_db()
    assert (document.path, document.kind) == (f"faq/{made.pk}", DocumentKind.FAQ)
    assert document.versions.get().given_title == "How do I return a lantern?"
    assert [audience.slug for audience in document.audiences.all()] == ["public"]
    assert stored_text(document) == (
        "# How do I return a lantern?\n\nSend it back within **45 days**.\n\n"
        "###### Also asked: send back / refund for a lamp\n"
    )


def test_a_change_is_a_new_version_and_no_change_is_none() -> None:
    made = entry()
    document = faq.publish(made)
    make_ready()
    faq.publish(made)
    document.refresh_from_db()
    assert (document.versions.count(), document.status) == (1, DocumentStatus.INDEXED)
    made.answer = "Send it back within 60 days."
    made.save()
    assert faq.publish(made) == document
    assert document.versions.count() == 2


def test_readers_change_without_a_new_version() -> None:
    made = entry()
    document = faq.publish(made)
    make_ready()
    made.audiences.set([Audience.objects.get(slug="internal")])
    faq.publish(made)
    assert [audience.slug for audience in document.audiences.all()] == ["internal"]
    assert document.versions.count() == 1
    made.audiences.clear()
    faq.publish(made)
    assert [audience.slug for audience in document.audiences.all()] == ["public"]


def test_another_collection_gets_the_document_and_the_former_loses_it() -> None:
    made = entry()
    former = faq.publish(made)
    made.collection = Collection.objects.create(slug="shop", name="Shop")
    made.save()
    document = faq.publish(made)
    assert Document.objects.get() == document
    assert document != former
    assert document.collection.slug == "shop"


def test_a_removed_entry_takes_its_document_along() -> None:
    made = entry()
    faq.publish(made)
    faq.remove(made)
    assert not Document.objects.exists()
    assert not FaqEntry.objects.exists()


@pytest.mark.parametrize(
    "table",
    [
        "question,answer,other wordings\nHow?,So.,why|when\n",
        "\ufeffAnswer;Question;Wordings\nSo.;How?;why|when\n",
        "question\tanswer\talternatives\nHow?\tSo.\twhy | when\n",
    ],
)
def test_tables_of_several_shapes_are_read(table: str) -> None:
    (row,) = faq.read_table(table.encode())
    assert (row.question, row.answer, row.other_wordings) == ("How?", "So.", "why\nwhen")


def test_a_row_that_lacks_something_says_what() -> None:
    rows = faq.read_table(f'question,answer\nHow?,\n,So.\n{"x" * 501},So.\nWhy?,"a\nb"\n'.encode())
    assert [bool(row.problem) for row in rows] == [True, True, True, False]
    assert rows[3].answer == "a\nb"


@pytest.mark.parametrize("table", [b"", b"a,b\n1,2\n", b"\x00\x01\x02", b"question\nHow?\n"])
def test_a_file_that_is_no_such_table_is_refused(table: bytes) -> None:
    with pytest.raises(faq.TableUnreadable):
        faq.read_table(table)


def test_a_table_brought_in_twice_changes_nothing_the_second_time() -> None:
    rows = faq.read_table(b"question,answer\nHow?,So.\nWhy?,Because.\n")
    collection = Collection.objects.get(slug="default")
    assert faq.take_in(rows, collection, []) == (2, 0, 0)
    assert faq.take_in(rows, collection, []) == (0, 0, 2)
    rows = faq.read_table(b"question,answer\nHow?,Like this.\n")
    assert faq.take_in(rows, collection, []) == (0, 1, 0)
    assert Document.objects.count() == 2

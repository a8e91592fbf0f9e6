"""The index is told who may read in few calls, and what it is told last is what counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from knowledge.actions import readers
from knowledge.actions.readers import UNTOLD, change_audiences_of, push_due_readers, push_readers
from knowledge.models import Document
from knowledge.retrieval.values import UNPUBLISHED
from knowledge.wiring import vector_store
from tests.knowledge.library import PUBLIC, STAFF, ingest, ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[set[str], tuple[str, ...]]]:
    """What the index is told, which it is told all the same."""
    found: list[tuple[set[str], tuple[str, ...]]] = []

    class Index:
        def __init__(self, generation: Any) -> None:
            self._store = vector_store(generation)

        def set_audiences(self, documents: Iterable[str], slugs: Sequence[str]) -> None:
            found.append((set(documents), tuple(slugs)))
            self._store.set_audiences(found[-1][0], slugs)

    monkeypatch.setattr(readers, "vector_store", Index)
    return found


def ids(documents: Iterable[Document]) -> set[str]:
    return {str(document.pk) for document in documents}


def test_many_documents_with_the_same_readers_are_one_call(
    calls: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    shop = list(ingest_shop().values())
    with django_capture_on_commit_callbacks(execute=True):
        change_audiences_of(shop, ["internal"])
    assert calls == [(ids(shop), ("internal",))]
    assert titles("invoices by e-mail") == []
    assert titles("invoices by e-mail", STAFF)
    assert all(row.readers_in_index == ["internal"] for row in Document.objects.all())


def test_documents_with_other_readers_are_another_call(calls: list[Any]) -> None:
    shop = ingest_shop()
    hidden = shop.pop("invoices.md")
    Document.objects.filter(pk=hidden.pk).update(published=False)
    push_readers([*shop.values(), hidden])
    told = {slugs: documents for documents, slugs in calls}
    assert told == {("public",): ids(shop.values()), (UNPUBLISHED,): ids([hidden])}


def test_a_change_while_the_index_is_told_is_told_too(
    calls: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = ingest("returns.md", b"# Returns\n\nSend goods back within 30 days.")
    asked = readers.readers_of_all

    def changed_meanwhile(documents: Any) -> Any:
        found = asked(documents)
        Document.objects.update(published=False)
        return found

    monkeypatch.setattr(readers, "readers_of_all", changed_meanwhile)
    push_readers([document])
    assert [slugs for _, slugs in calls] == [("public",), (UNPUBLISHED,)]
    document.refresh_from_db()
    assert document.readers_in_index == [UNPUBLISHED]
    assert titles("send goods back", PUBLIC) == []


def test_what_does_not_fit_into_a_portion_is_told_by_the_sweeper(
    calls: list[Any], monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    monkeypatch.setattr(readers, "TOLD_AT_ONCE", 2)
    shop = list(ingest_shop().values())
    with django_capture_on_commit_callbacks(execute=True):
        change_audiences_of(shop, ["internal"])
    assert [len(documents) for documents, _ in calls] == [2]
    assert Document.objects.filter(readers_in_index=[UNTOLD]).count() == 1
    # The database decides until then.
    assert titles("invoices by e-mail") == []
    assert push_due_readers(Document.objects.latest("updated_at").updated_at) == 1
    assert [len(documents) for documents, _ in calls] == [2, 1]

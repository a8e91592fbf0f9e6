"""Whatever operators do to readers, publication and validity, nobody gets a foreign passage."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from knowledge import wiring
from knowledge.actions import documents as acting
from knowledge.actions.defaults import ensure_defaults
from knowledge.actions.readers import (
    UNTOLD,
    change_audiences,
    change_collection_audiences,
    change_validity,
    publish,
    push_due_readers,
)
from knowledge.authorisation import visible_chunks
from knowledge.models import Collection, Document
from knowledge.retrieval.values import Reader
from knowledge.wiring import searcher
from knowledge.working import work_on
from tests.knowledge.library import PUBLIC, ingest

AUDIENCES = ("public", "internal", "partner")
STORES = {
    "memory": "providers.vector_store.qdrant_server.QdrantIndexes",
    "engine": "providers.vector_store.embedded.EmbeddedIndexes",
}
QUESTION = "how long can I send goods back"
HOUR = timedelta(hours=1)


@dataclass
class Page:
    """What a document should be, kept beside the database."""

    document: Document
    readers: set[str]
    published: bool = True
    begun: bool = True
    expired: bool = False
    withdrawn: bool = False

    def is_for(self, reader: Reader) -> bool:
        answers = reader.previews or (self.published and self.begun and not self.expired)
        return bool(answers and not self.withdrawn and self.readers & reader.audiences)


@pytest.fixture(params=STORES)
def pages(
    request: pytest.FixtureRequest, db: None, _end_the_child: None, tmp_path: Path
) -> Iterator[list[Page]]:
    """Four pages about the same in two collections, in an index of one kind."""
    ensure_defaults()
    options: dict[str, Any] = {"url": ":memory:"}
    if request.param == "engine":
        options = {"folder": tmp_path / "index"}
    store = {"BACKEND": STORES[request.param], "OPTIONS": options}
    wiring.reset()
    with override_settings(PROVIDERS={**project.PROVIDERS, "vector_store": store}):
        yield [
            Page(ingest(f"page{n}.md", _text(n, 0), collection=f"shelf{n % 2}"), {"public"})
            for n in range(4)
        ]
        wiring.reset()


def _text(number: int, version: int) -> bytes:
    return f"# Page {number}\n\nSend goods back within {number} days, rule {version}.".encode()


audiences = st.sets(st.sampled_from(AUDIENCES))
readers = st.builds(Reader, st.frozensets(st.sampled_from(AUDIENCES)), previews=st.booleans())
place = st.integers(0, 3)
changes = st.one_of(
    st.tuples(st.just("readers"), place, audiences),
    st.tuples(st.just("shelf"), place, audiences),
    st.tuples(st.just("publish"), place, st.booleans()),
    st.tuples(st.just("valid"), place, st.tuples(st.booleans(), st.booleans())),
    st.tuples(st.just("withdraw"), place, st.none()),
    st.tuples(st.just("bring back"), place, st.none()),
    st.tuples(st.just("new version"), place, st.integers(1, 9)),
    st.tuples(st.just("tell the index"), place, st.none()),
)


@settings(
    max_examples=15,
    deadline=None,
    # No shrinking: it would embed for minutes.
    phases=(Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(changes, readers), min_size=1, max_size=10))
def test_no_sequence_of_changes_shows_a_foreign_passage(
    pages: list[Page], steps: list[tuple[tuple[str, int, Any], Reader]]
) -> None:
    _as_in_the_beginning(pages)
    for change, reader in steps:
        _do(pages, *change)
        assert _found(reader) <= _allowed(pages, reader), change
    push_due_readers(timezone.now())
    for names in ({"public"}, {"internal"}, set(AUDIENCES), set()):
        for previews in (False, True):
            reader = Reader(frozenset(names), previews=previews)
            assert _found(reader) == _allowed(pages, reader)


def _found(reader: Reader) -> set[str]:
    passages = searcher().retrieve(QUESTION, reader, 50).passages
    current = set(Document.objects.values_list("current_version", flat=True))
    assert {passage.version for passage in passages} <= {str(pk) for pk in current}
    return {passage.document for passage in passages}


def _allowed(pages: list[Page], reader: Reader) -> set[str]:
    return {str(page.document.pk) for page in pages if page.is_for(reader)}


def _do(pages: list[Page], what: str, number: int, value: Any) -> None:
    page = pages[number]
    match what:
        case "readers":
            change_audiences(page.document, sorted(value))
            page.readers = set(value)
        case "shelf":
            change_collection_audiences(
                Collection.objects.get(slug=f"shelf{number % 2}"), sorted(value)
            )
            for other in pages[number % 2 :: 2]:
                other.readers = set(value)
        case "publish":
            publish(page.document, value)
            page.published = value
        case "valid":
            page.begun, page.expired = value
            now = timezone.now()
            begin, end = (-HOUR if page.begun else HOUR), (-HOUR if page.expired else HOUR)
            change_validity(page.document, now + begin, now + end)
        case "withdraw":
            acting.withdraw(page.document)
            page.withdrawn = True
        case "bring back" if page.withdrawn:
            acting.retry(page.document)
            work_on(page.document.pk)
            page.withdrawn = False
        case "new version":
            ingest(f"page{number}.md", _text(number, value), collection=f"shelf{number % 2}")
            page.withdrawn = False
        case "tell the index":
            push_due_readers(timezone.now())
            assert not Document.objects.filter(
                readers_in_index=[UNTOLD], current_version__isnull=False
            ).exclude(status="withdrawn")


def _as_in_the_beginning(pages: list[Page]) -> None:
    for number, page in enumerate(pages):
        _do(pages, "bring back", number, None)
        change_audiences(page.document, ["public"])
        publish(page.document, published=True)
        change_validity(page.document, None, None)
        page.readers, page.published, page.begun, page.expired = {"public"}, True, True, False
    push_due_readers(timezone.now())


def test_a_collections_readers_go_to_its_documents_without_embedding_again(
    pages: list[Page], django_capture_on_commit_callbacks: Any
) -> None:
    before = list(Document.objects.values_list("versions__embedded_count", flat=True))
    shelf = Collection.objects.get(slug="shelf0")
    with django_capture_on_commit_callbacks(execute=True):
        assert change_collection_audiences(shelf, ["internal"]) == 2
    assert change_collection_audiences(shelf, ["internal"]) == 0
    assert {row.readers_in_index[0] for row in shelf.documents.all()} == {"internal"}
    assert _found(Reader(frozenset({"public"}))) == {str(p.document.pk) for p in pages[1::2]}
    assert list(Document.objects.values_list("versions__embedded_count", flat=True)) == before
    late = ingest("late.md", _text(9, 0), collection="shelf0")
    assert [audience.slug for audience in late.audiences.all()] == ["internal"]


@pytest.mark.django_db
def test_the_check_against_the_database_begins_with_the_chunks_asked_for() -> None:
    """Else it looks through every chunk of the audience, and slows down with the documents."""
    asked = visible_chunks(PUBLIC).filter(pk__in=[uuid.uuid4() for _ in range(110)])
    first = asked.values_list("pk", "version__document__title").explain().splitlines()[0]
    assert "knowledge_chunk USING INDEX sqlite_autoindex_knowledge_chunk" in first


@pytest.mark.usefixtures("own_index")
def test_a_reader_of_two_audiences_gets_a_chunk_for_both_once() -> None:
    ingest("both.md", b"# Both\n\nFor two kinds of readers.", audiences=["public", "internal"])
    reader = Reader(frozenset({"public", "internal"}))
    assert visible_chunks(reader).count() == 1

"""From a file to passages that only its readers find."""

import random

import pytest
from django.test import override_settings
from django.utils import timezone

from knowledge import wiring
from knowledge.actions import documents as acting
from knowledge.actions import readers
from knowledge.actions.indexing import TakenOver
from knowledge.ingestion.values import Step
from knowledge.intake import submit_file
from knowledge.models import Audience, Document, DocumentStatus
from knowledge.retrieval.values import Reader
from knowledge.sweeping import sweep_documents, void_document_leases
from knowledge.working import work_on
from providers.errors import EmbedderUnavailable
from providers.vector_store.base import Scope
from tests.knowledge.ingestion.files import bomb
from tests.knowledge.library import PUBLIC, RETURNS, STAFF, ingest, titles

pytestmark = pytest.mark.usefixtures("own_index")


def test_a_page_becomes_ready_and_is_found() -> None:
    document = ingest("returns.md", RETURNS)
    assert (document.status, document.title) == (DocumentStatus.INDEXED, "Returns")
    assert titles("how long can I send goods back") == ["Returns"]


def test_the_index_holds_a_documents_title_once_and_how_many_chunks_it_has() -> None:
    text = "\n\n".join(f"## Part {n}\n\n" + f"Send part {n} back in a box. " * 40 for n in range(4))
    document = ingest("long.md", f"# Returns\n\n{text}".encode())
    model, store = wiring.embedder(), wiring.vector_store()
    question = [float(x) for x in model.embed_query("returns")]
    hits = store.search_dense(question, Scope(PUBLIC.audiences), 50)
    assert len(hits) > 3
    assert {hit.chunks for hit in hits} == {len(hits)}
    scored = store.score_titles(question, [str(document.pk)], Scope(PUBLIC.audiences))
    likeness = float(model.embed_query("returns") @ model.embed_documents(["Returns"])[0])
    assert scored == {str(document.pk): pytest.approx(likeness, abs=0.001)}


def test_the_same_content_again_is_unchanged_and_other_content_a_new_version() -> None:
    document = ingest("returns.md", RETURNS)
    assert submit_file(name="returns.md", content=RETURNS).unchanged
    changed = ingest("returns.md", b"# Returns\n\nSend goods back within 60 days.")
    assert changed == document
    assert document.versions.count() == 2
    passages = wiring.searcher().retrieve("send goods back", PUBLIC).passages
    assert ["60 days" in passage.text for passage in passages] == [True]


def test_a_version_that_fails_leaves_the_former_one_served() -> None:
    ingest("returns.md", RETURNS)
    document = ingest("returns.md", b"%PDF-1.4 broken")
    assert document.status == DocumentStatus.FAILED
    assert "Export it again" in document.error
    assert titles("send goods back") == ["Returns"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.md", b"", "empty"),
        ("blank.txt", b" \n\n ", "empty"),
        ("data.json", b"{}", "not read"),
        ("fake.docx", b"MZ\x90\x00", "program"),
        ("noise.txt", bytes(range(1, 9)) * 200, "not a text file"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100, "Office"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, content: bytes, reason: str) -> None:
    document = submit_file(name=name, content=content).document
    assert document.status == DocumentStatus.FAILED
    assert reason in document.error
    assert document.error.endswith(".")


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    document = submit_file(name="bomb.docx", content=bomb("word/document.xml")).document
    assert "200 MB" in document.error


@override_settings(UPLOAD_MAX_BYTES=10)
def test_a_large_file_names_the_setting() -> None:
    assert "UPLOAD_MAX_MEGABYTES" in submit_file(name="a.md", content=RETURNS).document.error


def test_hidden_parts_and_navigation_of_a_web_page_are_left_out() -> None:
    page = (
        b"<html><head><title>Shipping</title></head><body><nav>Home Shop</nav><main><h2>Costs</h2>"
        b"<p>Parcels cost 4.90.</p><p style='display:none'>secret words</p><script>x()</script>"
        b"</main></body></html>"
    )
    document = ingest("page.html", page)
    assert document.current_version is not None
    text = document.current_version.text
    assert "Parcels cost 4.90" in text
    assert "## Costs" in text
    for unwanted in ("secret", "Home Shop", "x()"):
        assert unwanted not in text


def test_encodings_are_told_apart() -> None:
    words = "Grüße aus München, schöne Überraschung für Käufer"
    for number, encoding in enumerate(("utf-8", "utf-16", "cp1252")):
        document = ingest(f"greeting{number}.txt", (words * 3).encode(encoding))
        assert document.current_version is not None
        assert "Grüße aus München" in document.current_version.text


def test_a_lead_in_stays_with_its_steps() -> None:
    steps = "\n".join(f"{n}. Do the step number {n} of the long procedure here." for n in range(30))
    document = ingest("steps.md", f"# Procedure\n\nFollow these steps:\n\n{steps}".encode())
    assert document.current_version is not None
    first = document.current_version.chunks.order_by("ordinal")[0]
    assert "Follow these steps" in first.text
    assert "step number 1 " in first.text


def test_withdrawn_documents_are_not_found_and_come_back() -> None:
    document = ingest("returns.md", RETURNS)
    acting.withdraw(document)
    assert titles("send goods back") == []
    assert acting.retry(document)
    work_on(document.pk)
    assert titles("send goods back") == ["Returns"]


def test_a_change_of_audience_counts_at_once() -> None:
    document = ingest("returns.md", RETURNS)
    readers.change_audiences(document, ["internal"])
    assert titles("send goods back") == []
    readers.push_readers([document])
    assert titles("send goods back", STAFF) == ["Returns"]


def test_no_reader_ever_gets_a_foreign_passage() -> None:
    dice = random.Random(7)
    names = ["public", "internal", "partner", "gold"]
    for name in names:
        Audience.objects.get_or_create(slug=name, defaults={"name": name})
    shown_to: dict[str, set[str]] = {}
    for number in range(6):
        audiences = dice.sample(names, dice.randint(1, 3))
        page = f"# Page {number}\n\nSend goods back within {number} days.".encode()
        document = ingest(f"page{number}.md", page, audiences=audiences)
        shown_to[str(document.pk)] = set(audiences)
    for _ in range(100):
        reader = frozenset(dice.sample(names, dice.randint(0, 4)))
        found = wiring.searcher().retrieve("send goods back", Reader(reader), 50).passages
        allowed = {pk for pk, audiences in shown_to.items() if audiences & reader}
        assert {passage.document for passage in found} == allowed


def test_a_worker_that_was_taken_for_dead_writes_nothing() -> None:
    document = submit_file(name="returns.md", content=RETURNS).document
    now = timezone.now()
    stale = Document.objects.claim(document.pk, now, 60)
    assert stale is not None
    Document.objects.filter(pk=document.pk).update(lease_until=now)
    fresh = Document.objects.claim(document.pk, timezone.now(), 60)
    assert fresh is not None
    with pytest.raises(TakenOver):
        acting.mark_step(stale, Step("embedding", 1, 2))
    acting.mark_failed(stale, "late")
    document.refresh_from_db()
    assert document.status == DocumentStatus.PARSING


def test_what_a_dead_process_left_is_queued_and_rung_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rung: list[object] = []
    monkeypatch.setattr("knowledge.sweeping.ring", rung.append)
    document = submit_file(name="returns.md", content=RETURNS).document
    Document.objects.claim(document.pk, timezone.now(), 60)
    assert sweep_documents() == 0
    assert void_document_leases() == 1
    assert sweep_documents() == 1
    assert rung == [document]


def test_what_fails_outside_of_the_file_says_where_to_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*arguments: object, **named: object) -> None:
        raise EmbedderUnavailable("the embedding model gave no result: is memory short?")

    monkeypatch.setattr("knowledge.working.prepare_version", fail)
    document = ingest("returns.md", RETURNS)
    assert document.status == DocumentStatus.FAILED
    assert document.error == (
        "It could not be made ready: the embedding model gave no result: is memory short? "
        "Run manage.py doctor, then press Retry."
    )

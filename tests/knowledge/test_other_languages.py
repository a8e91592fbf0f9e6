"""Questions in another language: cold at first, then found; kept up with the documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.utils import timezone

from knowledge import filling, live_languages
from knowledge.actions.documents import change_language, withdraw
from knowledge.actions.generations import activate, begin_generation
from knowledge.actions.readers import change_audiences
from knowledge.building import build_for
from knowledge.filling import fill_for
from knowledge.models import (
    Activation,
    Chunk,
    Document,
    GenerationState,
    IndexGeneration,
    SentenceIndex,
)
from knowledge.reconciliation import check, repair
from knowledge.retrieval.values import Passage, Reader
from knowledge.sweeping import sweep_sentences
from knowledge.wiring import searcher, sentence_store
from knowledge.working import work_on
from providers.errors import EmbedderUnavailable
from providers.vector_store.base import Scope
from supportbot import health
from tests.knowledge.library import PUBLIC, STAFF, ingest, ingest_shop

pytestmark = pytest.mark.usefixtures("own_index")
SPANISH = "¿Cómo cambio mi contraseña?"
GERMAN = "Wann werden die Rechnungen verschickt?"


@pytest.fixture(autouse=True)
def _count_anew() -> Iterator[None]:
    live_languages.forget()
    yield
    live_languages.forget()


def found(query: str, reader: Reader = PUBLIC) -> list[Passage]:
    return list(searcher().retrieve(query, reader).passages)


def first_title(query: str, reader: Reader = PUBLIC) -> str:
    passages = found(query, reader)
    return passages[0].title if passages else ""


def in_use() -> IndexGeneration:
    generation = IndexGeneration.objects.in_use()
    assert generation is not None
    return generation


def fill(index: SentenceIndex) -> None:
    """Work on it as the worker does: another slice of time while there is more to do."""
    while fill_for(index.pk):
        pass


def ask_and_fill(query: str = SPANISH) -> SentenceIndex:
    found(query)
    index = SentenceIndex.objects.get(generation=in_use())
    fill(index)
    index.refresh_from_db()
    return index


def test_english_questions_alone_cost_nothing() -> None:
    ingest_shop()
    found("How do I change my password?")
    assert not SentenceIndex.objects.exists()
    assert set(Chunk.objects.values_list("sentences", flat=True)) == {None}


def test_the_first_foreign_question_has_the_index_made_and_the_next_finds() -> None:
    ingest_shop()
    assert found(SPANISH) == found(SPANISH)
    index = SentenceIndex.objects.get()
    assert index.ready_at is None
    assert sentence_store(in_use()).count() == 0
    index = ask_and_fill()
    assert index.error == ""
    assert index.ready_at is not None
    assert (index.progress_done, index.progress_total, index.lease_until) == (3, 3, None)
    assert first_title(SPANISH) == "Passwords"
    assert first_title(GERMAN) == "Invoices"


def test_half_a_character_harms_nothing() -> None:
    ingest_shop()
    ask_and_fill()
    assert first_title(SPANISH + " \ud83d") == "Passwords"


def test_a_slice_that_ends_leaves_the_rest_for_the_next() -> None:
    ingest_shop()
    found(SPANISH)
    index = SentenceIndex.objects.get()
    assert fill_for(index.pk, seconds=0)
    index.refresh_from_db()
    assert (index.ready_at, index.error, index.lease_until) == (None, "", None)
    fill(index)
    index.refresh_from_db()
    assert index.ready_at is not None


def test_what_is_ingested_later_is_found_too() -> None:
    ingest_shop()
    ask_and_fill()
    ingest("holidays.md", b"# Holidays\n\nEmployees take thirty days of vacation each year.")
    assert first_title("¿Cuántos días de vacaciones tienen los empleados?") == "Holidays"


def test_a_changed_document_leaves_no_old_sentences() -> None:
    shop = ingest_shop()
    ask_and_fill()
    before = sentence_store(in_use()).point_ids(str(shop["returns.md"].pk))
    ingest("returns.md", b"# Returns\n\nNothing can be sent back any more, whatever the reason is.")
    after = sentence_store(in_use()).point_ids(str(shop["returns.md"].pk))
    assert after
    assert not before & after
    assert not check(in_use()).number


def test_a_withdrawn_document_is_gone() -> None:
    shop = ingest_shop()
    ask_and_fill()
    withdraw(shop["passwords.md"])
    assert sentence_store(in_use()).point_ids(str(shop["passwords.md"].pk)) == set()
    assert "Passwords" not in {passage.title for passage in found(SPANISH)}


def test_other_readers_documents_are_never_found(
    django_capture_on_commit_callbacks: Any,
) -> None:
    shop = ingest_shop()
    ask_and_fill()
    with django_capture_on_commit_callbacks(execute=True):
        change_audiences(shop["passwords.md"], ["internal"])
    assert "Passwords" not in {passage.title for passage in found(SPANISH)}
    # The index itself was told; what the database lets through is looked at elsewhere.
    seen = sentence_store(in_use()).search_dense([1.0] * 512, Scope(frozenset({"public"})), 100)
    assert {hit.document for hit in seen} == {
        str(shop[name].pk) for name in ("returns.md", "invoices.md")
    }
    assert first_title(SPANISH, STAFF) == "Passwords"


def test_a_spanish_question_over_spanish_documents_is_not_foreign() -> None:
    ingest("clave.md", "# Contraseñas\n\nPara cambiar su contraseña, abra los ajustes.".encode())
    ingest("pedido.md", "# Pedidos\n\nSu pedido llegará en tres días laborables.".encode())
    assert set(Document.objects.values_list("language", flat=True)) == {"es"}
    assert first_title(SPANISH) == "Contraseñas"
    assert not SentenceIndex.objects.exists()
    ask_and_fill("How do I change my password?")
    assert first_title("How do I change my password?") == "Contraseñas"


def test_switched_off_it_never_begins() -> None:
    ingest_shop()
    with override_settings(OTHER_LANGUAGES=False):
        found(SPANISH)
        assert not SentenceIndex.objects.exists()
        assert sweep_sentences() == 0


def test_switched_off_later_it_answers_no_more_and_writes_no_more() -> None:
    ingest_shop()
    ask_and_fill()
    with override_settings(OTHER_LANGUAGES=False):
        ingest("late.md", b"# Late\n\nThis came while other languages were switched off.")
        assert searcher().languages is not None
        assert fill_for(SentenceIndex.objects.get().pk) is False
    assert Chunk.objects.filter(sentences=None).count() == 1
    fill(SentenceIndex.objects.get())
    assert not Chunk.objects.filter(sentences=None).exists()


def test_a_failure_is_told_and_tried_again_later(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest_shop()

    def fail(*arguments: object) -> None:
        raise EmbedderUnavailable("the model is away")

    monkeypatch.setattr(filling, "fill_one", fail)
    index = ask_and_fill()
    assert (index.error, index.ready_at) == ("the model is away", None)
    assert sweep_sentences() == 0
    SentenceIndex.objects.update(lease_until=None)
    assert sweep_sentences() == 1
    monkeypatch.undo()
    fill(index)
    index.refresh_from_db()
    assert (index.error, index.ready_at is not None) == ("", True)


def test_the_doctor_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.other_languages().detail == "no question in another language yet"
    ingest_shop()
    found(SPANISH)
    SentenceIndex.objects.update(progress_done=1, progress_total=3)
    assert health.other_languages().detail == "default: being prepared, 1 of 3 documents"
    fill(SentenceIndex.objects.get())
    assert health.other_languages().detail == "default: ready"
    SentenceIndex.objects.update(error="the model is away")
    assert not health.other_languages().ok
    with override_settings(OTHER_LANGUAGES=False):
        assert "switched off" in health.other_languages().detail


def test_two_workers_do_not_fill_the_same_index() -> None:
    ingest_shop()
    found(SPANISH)
    index = SentenceIndex.objects.get()
    assert SentenceIndex.objects.claim(index.pk, timezone.now(), 30)
    assert fill_for(index.pk) is False
    assert sentence_store(in_use()).count() == 0


def test_a_new_generation_has_the_sentences_too_and_so_has_the_one_before() -> None:
    ingest_shop()
    ask_and_fill()
    former = in_use()
    made = begin_generation(former.embedding_model, 64, Activation.BY_HAND)
    build_for(made.pk, seconds=120)
    made.refresh_from_db()
    assert made.state == GenerationState.READY
    fill(SentenceIndex.objects.get(generation=made))
    activate(made)
    assert first_title(SPANISH) == "Passwords"
    activate(former)
    assert first_title(SPANISH) == "Passwords"


def test_the_check_of_the_index_sees_and_mends_sentences() -> None:
    shop = ingest_shop()
    ask_and_fill()
    store = sentence_store(in_use())
    name = str(shop["passwords.md"].pk)
    store.delete_points(sorted(store.point_ids(name))[:1])
    store.set_audiences([str(shop["returns.md"].pk)], ["internal"])
    Chunk.objects.filter(version__document=shop["invoices.md"]).update(sentences=None)
    differences = check(in_use())
    assert differences.sentences is not None
    assert len(differences.sentences.missing) == 1
    assert differences.sentences.differing
    assert differences.sentences.surplus
    repair(in_use(), differences)
    assert check(in_use()).number == 0
    assert not Chunk.objects.filter(sentences=None).exists()
    assert first_title(SPANISH) == "Passwords"
    assert first_title(GERMAN) == "Invoices"


def test_an_operator_says_what_language_a_document_is_in() -> None:
    document = ingest("numbers.md", b"# Zahlen\n\nDie Rechnungen kommen am Monatsende.")
    assert document.language == "de"
    assert change_language(document, "nl")
    assert not change_language(document, "nl")
    work_on(document.pk)
    document.refresh_from_db()
    assert (document.language, document.given_language) == ("nl", "nl")
    assert change_language(document, "")
    work_on(document.pk)
    document.refresh_from_db()
    assert document.language == "de"


def test_words_are_stemmed_as_those_of_the_documents() -> None:
    ingest("reise.md", "# Reisen\n\nDie Häuser am See sind im Sommer vermietet.".encode())
    ingest("preise.md", b"# Preise\n\nDie Wohnungen kosten im Winter weniger als sonst.")
    (first, *_) = found("Haus, vermieten?")
    assert first.sparse_score == pytest.approx(1.0)
    assert "Häuser" in first.text

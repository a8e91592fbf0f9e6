"""The words of the documents follow what becomes ready and what is withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge import live_words
from knowledge.actions import documents as acting
from knowledge.actions.generations import begin_generation, fill_one, missing_documents
from knowledge.actions.words import count_words
from knowledge.live_words import current_words
from knowledge.models import Activation, DocumentVersion, IndexedWord, VocabularyEntry
from knowledge.wiring import searcher
from knowledge.working import work_on
from tests.knowledge.library import PUBLIC, RETURNS, ingest, ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")


def counts() -> dict[str, int]:
    return dict(IndexedWord.objects.values_list("word", "documents"))


def test_each_document_counts_a_word_once_with_its_title() -> None:
    ingest("a.md", b"# Tariff\n\nParcels, parcels and PARCELS cost money.")
    ingest("b.md", b"# Other\n\nParcels cost nothing.")
    found = counts()
    assert (found["parcels"], found["cost"], found["money"], found["tariff"]) == (2, 2, 1, 1)
    assert "and" not in found


def test_a_new_version_takes_the_place_of_the_former_one() -> None:
    ingest("a.md", b"# Tariff\n\nParcels cost money.")
    ingest("a.md", b"# Tariff\n\nParcels cost nothing.")
    assert counts() == {"tariff": 1, "parcels": 1, "cost": 1, "nothing": 1}


def test_withdrawing_takes_words_away_and_bringing_back_counts_them_again() -> None:
    document = ingest("returns.md", RETURNS)
    before = counts()
    acting.withdraw(document)
    assert counts() == {}
    acting.retry(document)
    work_on(document.pk)
    assert counts() == before
    acting.delete(document)
    assert counts() == {}


def test_counting_the_same_version_again_changes_nothing() -> None:
    ingest("returns.md", RETURNS)
    before, version = counts(), DocumentVersion.objects.get()
    count_words({version: "Returns\n" + version.text})
    assert counts() == before


def test_a_generation_counts_the_words_of_what_was_indexed_before_there_were_any() -> None:
    document = ingest("returns.md", RETURNS)
    before = counts()
    IndexedWord.objects.all().delete()
    DocumentVersion.objects.update(words=[])
    generation = begin_generation("all-MiniLM-L6-v2", 0, Activation.BY_HAND)
    assert list(missing_documents(generation)) == [document]
    fill_one(generation, document)
    assert counts() == before


def test_new_words_are_known_at_the_next_question() -> None:
    ingest_shop()
    assert current_words().knows("invoices")
    assert not current_words().knows("refrigerator")
    ingest("cold.md", b"# Cold\n\nThe refrigerator hums.")
    assert current_words().knows("refrigerator")


def test_words_that_are_gone_are_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    document = ingest("cold.md", b"# Cold\n\nThe refrigerator hums.")
    ingest_shop()
    assert current_words().knows("refrigerator")
    acting.withdraw(document)
    monkeypatch.setattr(live_words, "REREAD_SECONDS", 0.0)
    assert not current_words().knows("refrigerator")
    assert current_words().knows("invoices")


def test_only_new_words_are_fetched(django_assert_num_queries: Any) -> None:
    ingest_shop()
    current_words()
    with django_assert_num_queries(1):
        assert current_words().knows("invoices")


def test_a_misspelt_question_finds_its_page() -> None:
    ingest_shop()
    found = searcher().retrieve("When are invocies sent by mial?", PUBLIC)
    assert found.passages[0].title == "Invoices"
    assert dict(found.corrected)["invocies"] == ("invoices",)
    assert titles("chagne my pasword")[0] == "Passwords"


def test_the_operators_words_are_known_and_may_be_misspelt() -> None:
    ingest_shop()
    VocabularyEntry.objects.create(term="Invoices", synonyms="zettelkram")
    assert searcher().retrieve("my zettelkram", PUBLIC).corrected == ()
    found = searcher().retrieve("my zetelkram", PUBLIC)
    assert found.corrected == (("zetelkram", ("zettelkram",)),)
    assert found.passages[0].title == "Invoices"
    assert found.passages[0].sparse_score == 1

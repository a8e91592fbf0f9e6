"""Documents held against each other: what is written down, what stays, what goes."""

from collections.abc import Sequence

import pytest
from django.contrib.auth.models import User

from knowledge import comparing
from knowledge.actions import comparison
from knowledge.actions.comparison import (
    compare_document,
    compare_everything,
    decide_contradictions,
    forget_comparisons,
)
from knowledge.models import (
    Chunk,
    Contradiction,
    Document,
    DocumentStatus,
    DocumentVersion,
    DuplicatePair,
    ReviewState,
)
from knowledge.tasks import compare_document as compare_task
from providers.embeddings.base import Vectors
from providers.errors import EmbedderUnavailable
from tests.knowledge.compared import (
    FOURTEEN,
    LONG,
    THIRTY,
    WordEmbedder,
    add_version,
    compare,
    make,
    take_word_embedder,
    values,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    return take_word_embedder(monkeypatch)


def test_two_documents_that_disagree_are_written_down_once() -> None:
    first, second = make(FOURTEEN), make(THIRTY, title="Sending things back")
    for _ in range(2):
        compare_document(first)
        compare_document(second)
    row = Contradiction.objects.get()
    assert {row.first, row.second} == {first, second}
    assert {row.first_statement, row.second_statement} == {FOURTEEN, THIRTY}
    assert {row.first_value, row.second_value} == {"14 days", "30 days"}
    assert (row.kind, row.state) == ("duration", ReviewState.OPEN)
    chunk = Chunk.objects.get(pk=str(row.first_chunk))
    assert chunk.version.document == row.first


def test_documents_are_compared_only_where_somebody_reads_both() -> None:
    document = make(FOURTEEN)
    make(THIRTY, audiences=["internal"])
    make(THIRTY, collection="other")
    compare_document(document)
    assert not Contradiction.objects.exists()
    make(THIRTY, audiences=["internal", "public"])
    compare_document(document)
    assert Contradiction.objects.count() == 1


def test_what_was_decided_stays_decided_with_a_new_version() -> None:
    first, second = make(FOURTEEN), make(THIRTY)
    compare_document(second)
    user = User.objects.create_user("otto")
    assert decide_contradictions(Contradiction.objects.all(), ReviewState.DISMISSED, user) == 1
    add_version(second, f"A new beginning. {THIRTY}")
    compare_document(second)
    compare_document(first)
    row = Contradiction.objects.get()
    assert (row.state, row.decided_by) == (ReviewState.DISMISSED, user)
    side = row.second_chunk if row.second == second else row.first_chunk
    chunk = Chunk.objects.get(pk=str(side))
    assert chunk.version == second.current_version


def test_an_open_one_goes_when_a_document_is_put_right() -> None:
    make(FOURTEEN)
    second = make(THIRTY)
    compare_document(second)
    add_version(second, THIRTY.replace("30", "20"))
    compare_document(second)
    assert values() == {frozenset({"14 days", "20 days"})}
    add_version(second, THIRTY.replace("30", "14"))
    compare_document(second)
    assert not Contradiction.objects.exists()


def test_a_withdrawn_document_leaves_the_lists_and_is_compared_with_nothing() -> None:
    first, second = make(f"{FOURTEEN} {LONG}"), make(f"{THIRTY} {LONG}")
    compare(first, second)
    assert Contradiction.objects.count() == DuplicatePair.objects.count() == 1
    Document.objects.filter(pk=second.pk).update(status=DocumentStatus.WITHDRAWN)
    compare(second, first)
    assert not Contradiction.objects.exists()
    assert not DuplicatePair.objects.exists()


def test_forgetting_leaves_decisions() -> None:
    document = make(FOURTEEN)
    make(THIRTY)
    compare_document(document)
    Contradiction.objects.update(state=ReviewState.SETTLED)
    forget_comparisons(document)
    assert Contradiction.objects.count() == 1


def test_the_same_text_and_nearly_the_same_text_are_told_apart() -> None:
    first = make(LONG)
    others = [make(LONG.upper()), make(LONG.replace("Islands", "Isles"))]
    stranger = "Something else altogether, about other matters and of a decent length too. " * 3
    compare(first, *others, make(stranger))
    shares = sorted(DuplicatePair.objects.values_list("similarity", flat=True))
    assert shares[2] == 1
    assert 0.7 < shares[0] == shares[1] < 1
    version = first.current_version
    assert version is not None
    version.refresh_from_db()
    assert len(version.text_hash) == 64


def test_a_settled_duplicate_stays_settled_and_an_open_one_goes_with_its_reason() -> None:
    first, second, third = make(LONG), make(LONG), make(LONG)
    compare(first, second, third)
    assert DuplicatePair.objects.count() == 3
    about_second = DuplicatePair.objects.filter(first=second) | DuplicatePair.objects.filter(
        second=second
    )
    about_second.update(state=ReviewState.DISMISSED)
    for document in (second, third):
        add_version(document, "Now it says something else, and says it in rather few words.")
    compare_document(first)
    states = DuplicatePair.objects.values_list("state", flat=True)
    assert list(states) == [ReviewState.DISMISSED] * 2


def test_nothing_is_written_when_another_version_became_current_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make(FOURTEEN)
    second = make(THIRTY)
    find = comparison.find_in

    def slow(*arguments: object) -> object:
        found = find(*arguments)  # type: ignore[arg-type]
        add_version(second, "Nothing about days.")
        return found

    monkeypatch.setattr(comparison, "find_in", slow)
    compare_document(second)
    assert not Contradiction.objects.exists()


def test_without_the_embedder_the_plainest_contradictions_are_still_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Down:
        def embed_documents(self, texts: Sequence[str]) -> Vectors:
            raise EmbedderUnavailable("no memory")

    monkeypatch.setattr(comparison, "embedder", Down)
    make(FOURTEEN)
    compare_document(make(THIRTY))
    assert values() == {frozenset({"14 days", "30 days"})}


def test_a_text_without_words_counts_as_compared_and_is_like_no_other() -> None:
    first, second = make("..."), make("...")
    compare(first, second)
    versions = DocumentVersion.objects.values_list("text_hash", flat=True)
    assert len({*versions} - {""}) == 2
    assert not DuplicatePair.objects.exists()


def test_a_document_compared_before_its_copy_keeps_the_pair() -> None:
    first = make(LONG)
    compare_document(first)
    second = make(LONG.replace("Islands", "Isles"))
    compare(first, second, first)
    assert DuplicatePair.objects.count() == 1


def test_a_comparison_that_was_cut_off_leaves_the_document_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = make(LONG)

    def cut_off(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(comparison, "find_in", cut_off)
    with pytest.raises(KeyboardInterrupt):
        compare_document(document)
    assert DocumentVersion.objects.get().text_hash == ""


def test_languages_are_not_mixed() -> None:
    make("Die Rückgabefrist für Artikel beträgt 14 Tage nach der Lieferung.", language="de")
    german = make(
        "Die Rückgabefrist für Artikel beträgt 30 Tage nach der Lieferung.", language="da"
    )
    make(FOURTEEN)
    compare_document(german)
    assert values() == {frozenset({"14 Tage", "30 Tage"})}


def test_everything_is_compared_and_what_is_out_of_use_is_cleared() -> None:
    first, second, third = make(FOURTEEN), make(THIRTY), make(LONG)
    compare_document(first)
    Document.objects.filter(pk=second.pk).update(status=DocumentStatus.WITHDRAWN)
    make(LONG)
    assert compare_everything() == 3
    assert not Contradiction.objects.exists()
    assert DuplicatePair.objects.count() == 1
    third.current_version.refresh_from_db()  # type: ignore[union-attr]
    assert third.current_version.signature  # type: ignore[union-attr]


def test_a_second_comparison_asks_the_embedder_nothing_new(embedder: WordEmbedder) -> None:
    make(FOURTEEN)
    second = make(THIRTY)
    compare_document(second)
    asked = len(embedder.asked)
    assert asked
    compare_document(second)
    assert len(embedder.asked) == asked


def test_in_a_large_collection_search_names_the_documents_to_compare(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, other = make(FOURTEEN), make(THIRTY), make(THIRTY)
    asked: list[str] = []

    class Search:
        def retrieve(self, text: str, reader: object, limit: int) -> object:
            asked.append(text)
            passage = type("Passage", (), {"document": str(first.pk)})
            return type("Retrieved", (), {"passages": (passage,)})

    monkeypatch.setattr(comparing, "MOST_DOCUMENTS", 2)
    monkeypatch.setattr(comparison, "searcher", Search)
    compare_document(second)
    assert len(asked) == 1
    row = Contradiction.objects.get()
    assert {row.first, row.second} == {first, second}
    assert other not in (row.first, row.second)


def test_the_same_two_sentences_are_listed_a_few_times_and_then_the_next_ones() -> None:
    right = [make(FOURTEEN) for _ in range(5)]
    wrong = make(THIRTY)
    compare(wrong, *right)
    assert Contradiction.objects.count() == 3
    for row in Contradiction.objects.all():
        other = row.second if row.first == wrong else row.first
        Document.objects.filter(pk=other.pk).update(status=DocumentStatus.WITHDRAWN)
        compare_document(other)
    compare_document(wrong)
    assert Contradiction.objects.count() == 2
    add_version(wrong, FOURTEEN)
    compare_document(wrong)
    assert not Contradiction.objects.exists()


def test_the_task_compares_and_takes_a_deleted_document_as_done() -> None:
    make(FOURTEEN)
    second = make(THIRTY)
    compare_task(str(second.pk))
    assert Contradiction.objects.count() == 1
    pk = str(second.pk)
    Document.objects.filter(pk=pk).update(current_version=None)
    second.delete()
    compare_task(pk)
    assert not Contradiction.objects.exists()

"""Documents that are written several at a time are as ready, failed or free as by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from knowledge import gathering as module
from knowledge.actions import documents as acting
from knowledge.actions.committing import GenerationChanged, Work
from knowledge.actions.indexing import index_together
from knowledge.gathering import Gathering, gathering
from knowledge.intake import submit_file
from knowledge.models import Chunk, Document, DocumentStatus, IndexedWord, IndexGeneration
from knowledge.models.document import WORKING_STATUSES
from knowledge.retrieval.search import Searcher
from knowledge.wiring import vector_store
from tests.knowledge.library import SHOP, ingest, titles

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many documents each common write was given; none is too old to wait."""
    numbers: list[int] = []

    def counted(works: Any, generation: IndexGeneration) -> list[Work]:
        numbers.append(len(works))
        return index_together(works, generation)

    monkeypatch.setattr(module, "index_together", counted)
    monkeypatch.setattr(module, "MOST_SECONDS", 3600.0)
    return numbers


def submit_shop() -> dict[str, Document]:
    return {name: submit_file(name=name, content=SHOP[name]).document for name in SHOP}


def gather(documents: dict[str, Document]) -> dict[str, str]:
    with gathering() as gathered:
        for document in documents.values():
            gathered.work_on(document.pk)
    return statuses()


def statuses() -> dict[str, str]:
    return dict(Document.objects.values_list("path", "status"))


def test_several_are_written_at_once_and_each_is_proved(together: list[int]) -> None:
    assert set(gather(submit_shop()).values()) == {DocumentStatus.INDEXED}
    assert together == [len(SHOP)]
    assert titles("how do I send goods back")[0] == "Returns"
    for document in Document.objects.all():
        assert document.current_version is not None
        assert [probe["rank"] for probe in document.current_version.probes] == [1]
        assert document.readers_in_index == ["public"]


def test_they_count_the_words_that_they_count_by_themselves(together: list[int]) -> None:
    gather(submit_shop())
    by_all = dict(IndexedWord.objects.values_list("word", "documents"))
    for document in Document.objects.all():
        acting.delete(document)
    assert not IndexedWord.objects.exists()
    for name, content in SHOP.items():
        ingest(name, content)
    assert dict(IndexedWord.objects.values_list("word", "documents")) == by_all
    assert by_all["send"] == by_all["goods"] == 1


def test_one_that_its_words_do_not_find_fails_alone_and_leaves_nothing(
    together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = submit_shop()
    lost, rank_of = str(documents["invoices.md"].pk), Searcher.rank_of

    def blind(self: Searcher, document: str, *arguments: Any) -> int:
        return 0 if document == lost else rank_of(self, document, *arguments)

    monkeypatch.setattr(Searcher, "rank_of", blind)
    found = gather(documents)
    assert found.pop("invoices.md") == DocumentStatus.FAILED
    assert set(found.values()) == {DocumentStatus.INDEXED}
    assert vector_store().point_ids(lost) == set()
    assert not Chunk.objects.filter(version__document=documents["invoices.md"]).exists()


def test_one_that_was_withdrawn_while_it_waited_does_not_come_back(together: list[int]) -> None:
    documents = submit_shop()
    gathered = Gathering()
    for document in documents.values():
        gathered.work_on(document.pk)
    acting.withdraw(documents["returns.md"])
    gathered.finish()
    found = statuses()
    assert found.pop("returns.md") == DocumentStatus.WITHDRAWN
    assert set(found.values()) == {DocumentStatus.INDEXED}
    assert vector_store().point_ids(str(documents["returns.md"].pk)) == set()


def test_what_waits_when_the_command_is_ended_is_free_at_once(together: list[int]) -> None:
    documents = submit_shop()

    def interrupted() -> None:
        with gathering() as gathered:
            gathered.work_on(documents["returns.md"].pk)
            assert statuses()["returns.md"] in WORKING_STATUSES
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert set(statuses().values()) == {DocumentStatus.QUEUED}
    assert Document.objects.filter(losses=0, lease_until=None).count() == len(SHOP)


def test_another_generation_meanwhile_sends_all_back_into_the_queue(
    together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changed(*arguments: object) -> None:
        raise GenerationChanged

    monkeypatch.setattr("knowledge.actions.indexing.commit", changed)
    assert set(gather(submit_shop()).values()) == {DocumentStatus.QUEUED}


def test_one_whose_worker_was_lost_takes_no_others_with_it(together: list[int]) -> None:
    documents = submit_shop()
    now = timezone.now()
    assert Document.objects.claim(documents["invoices.md"].pk, now, 60) is not None
    Document.objects.filter(pk=documents["invoices.md"].pk).update(lease_until=now)
    gathered = Gathering()
    gathered.work_on(documents["returns.md"].pk)
    gathered.work_on(documents["invoices.md"].pk)
    found = statuses()
    assert found["returns.md"] == found["invoices.md"] == DocumentStatus.INDEXED
    assert together == [1]


def test_none_waits_long_for_the_others(
    together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_SECONDS", 0.0)
    documents = submit_shop()
    gathered = Gathering()
    gathered.work_on(documents["returns.md"].pk)
    assert statuses()["returns.md"] == DocumentStatus.INDEXED


def test_what_goes_wrong_on_our_side_is_said_of_each_and_ends_the_command(
    together: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("knowledge.actions.indexing.commit", broken)
    with pytest.raises(ZeroDivisionError):
        gather(submit_shop())
    assert set(statuses().values()) == {DocumentStatus.FAILED}

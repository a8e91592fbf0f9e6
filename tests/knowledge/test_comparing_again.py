"""What waits to be compared again, and who rings for it."""

import pytest

from knowledge import sweeping
from knowledge.actions.comparison import (
    compare_later,
)
from knowledge.actions.readers import (
    change_audiences,
    change_audiences_of,
    change_collection_audiences,
)
from knowledge.models import (
    Contradiction,
    Document,
)
from tests.knowledge.compared import (
    FOURTEEN,
    LONG,
    THIRTY,
    WordEmbedder,
    compare,
    make,
    take_word_embedder,
    values,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def embedder(monkeypatch: pytest.MonkeyPatch) -> WordEmbedder:
    return take_word_embedder(monkeypatch)


def waiting() -> set[Document]:
    """The documents that the sweeper would ring for."""
    return set(Document.objects.filter(status="indexed", current_version__text_hash=""))


def test_documents_that_got_other_readers_are_compared_again() -> None:
    first, second = make(FOURTEEN), make(THIRTY, audiences=["internal"])
    third, fourth = make(LONG, audiences=["internal"]), make("Nothing to do with it.")
    compare(first, second, third, fourth)
    assert not waiting()
    assert not Contradiction.objects.exists()
    change_audiences(second, ["public"])
    assert waiting() == {second}
    compare(second)
    assert values() == {frozenset({"14 days", "30 days"})}
    change_audiences_of([second, third], ["partners"])
    assert waiting() == {second, third}
    compare(second, third)
    assert not Contradiction.objects.exists()
    assert change_collection_audiences(first.collection, ["public"]) == 2
    assert waiting() == {second, third}


def test_the_sweeper_rings_for_what_is_to_be_compared_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = make(FOURTEEN)
    compare(document)
    rung: list[Document] = []
    monkeypatch.setattr(sweeping, "ring_to_compare", rung.append)
    monkeypatch.setattr(sweeping, "_comparing", sweeping.Pace(0))
    assert sweeping.sweep_comparisons() == 0
    compare_later([document])
    assert sweeping.sweep_comparisons() == 1
    assert rung == [document]

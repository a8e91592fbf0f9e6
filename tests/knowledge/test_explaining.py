"""Why a document was not found: every obstacle has its sentence, and a far one its rank."""

from datetime import timedelta

import pytest
from django.utils import timezone

from knowledge.actions.defaults import ensure_generation
from knowledge.actions.readers import change_audiences
from knowledge.explaining import obstacles_of, place_of
from knowledge.models import Chunk, Collection, Document
from knowledge.retrieval.values import Reader
from tests.knowledge.library import PREVIEW, PUBLIC, STAFF, ingest, ingest_shop

pytestmark = pytest.mark.usefixtures("own_index")
QUESTION = "how do I send goods back"


@pytest.fixture
def returns() -> Document:
    return ingest_shop()["returns.md"]


def obstacles(document: Document, reader: Reader = PUBLIC) -> str:
    document.refresh_from_db()
    return " ".join(obstacles_of(document, reader, ensure_generation()))


def test_a_document_that_is_found_has_its_place_and_its_passage(returns: Document) -> None:
    place = place_of(returns, QUESTION, PUBLIC)
    assert (place.rank, place.found, place.obstacles) == (1, 3, ())
    assert place.passage is not None
    assert place.nearest is not None
    assert place.passage.text == place.nearest.text
    assert place.nearest.cosine == pytest.approx(place.passage.dense_score, abs=0.001)


def test_one_further_down_has_its_rank(returns: Document) -> None:
    assert place_of(returns, "when are invoices sent", PUBLIC).rank > 1


def test_other_readers_and_another_collection_are_named(returns: Document) -> None:
    assert obstacles(returns, STAFF) == (
        "Its readers are Everybody; the search was made for Our own people. Change its readers, or "
        "search as one of them."
    )
    Collection.objects.create(slug="manuals", name="Manuals")
    elsewhere = Reader(frozenset({"public"}), "manuals")
    assert "It is in the collection Default" in obstacles(returns, elsewhere)
    assert place_of(returns, QUESTION, elsewhere).rank == 0


def test_what_is_not_valid_now_says_since_or_from_when(returns: Document) -> None:
    now = timezone.now()
    Document.objects.filter(pk=returns.pk).update(
        published=False,
        valid_from=now + timedelta(days=2),
        valid_until=now - timedelta(days=2),
    )
    said = obstacles(returns)
    assert "It is not published." in said
    assert "It is valid only from" in said
    assert "It has been out of use since" in said
    assert obstacles(returns, PREVIEW) == ""


def test_states_that_answer_nobody_are_named(returns: Document) -> None:
    Document.objects.filter(pk=returns.pk).update(status="withdrawn")
    assert obstacles(returns) == "It is withdrawn. Retry on its page brings it back."
    broken = ingest("broken.pdf", b"%PDF-1.4 broken")
    assert obstacles(broken).startswith("It has never been ready: failed. ")
    assert broken.error in obstacles(broken)


def test_one_that_the_index_in_use_lacks_says_so(returns: Document) -> None:
    Chunk.objects.filter(version__document=returns).delete()
    assert "The index in use does not hold it." in obstacles(returns)


def test_readers_changed_in_place_count_at_once(returns: Document) -> None:
    change_audiences(returns, ["internal"])
    assert "Its readers are Our own people" in obstacles(returns)
    assert obstacles(returns, STAFF) == ""

"""The search's test box shows what is found, why, and why not; and nothing in it runs."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from knowledge import wiring
from knowledge.actions.readers import publish
from knowledge.models import Collection, Document, VocabularyEntry
from providers.errors import EmbedderUnavailable, VectorStoreUnavailable
from tests import admin_cast as cast
from tests.knowledge.library import PUBLIC, RETURNS, ingest, ingest_shop

pytestmark = pytest.mark.usefixtures("own_index")
QUESTION = "How do I send goods back?"
HOSTILE = b"# Hostile\n\nGoods <script>window.hit=1</script> <b x-data x-init='window.hit=2'>x</b>"


@pytest.fixture
def client() -> Client:
    return cast.signed_in(cast.operator())


def search(client: Client, question: str = QUESTION, **more: Any) -> Any:
    given = {"question": question, "audiences": "public", "limit": "10", **more}
    response = client.get(reverse("admin:knowledge_search"), given)
    assert response.status_code == 200
    return response


def words(response: Any) -> str:
    page = response.content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page[page.index('id="main"') :]).split())


def test_the_page_opens_without_a_question(client: Client) -> None:
    page = client.get(reverse("admin:knowledge_search")).content.decode()
    assert "passages found" not in page
    assert re.search(r'value="public"[^>]*checked', page)


def test_passages_come_with_scores_matched_words_and_times(client: Client) -> None:
    ingest_shop()
    response = search(client)
    first = response.context["result"].rows[0]
    assert first.passage.title == "Returns"
    assert first.words == ["send", "goods", "back"]
    assert first.in_prompt
    page = response.content.decode()
    assert "<mark>Send</mark> <mark>goods</mark> <mark>back</mark> within 30 days" in page
    said = words(response)
    assert f"Score {first.passage.score:.3f}" in said
    assert f"Meaning {first.passage.dense_score:.3f} Words 1.000" in said
    assert "embed" in said
    assert "total" in said


def test_the_shares_of_title_and_code_are_shown(client: Client) -> None:
    ingest_shop()
    ingest("codes.md", b"# Fault table\n\nThe lamp blinks at QX-77B9.")
    response = search(client, "what is QX-77B9")
    first, second = response.context["result"].rows[:2]
    assert first.passage.title == "Fault table"
    said = words(response)
    assert f"Title +{first.title_share:.3f} Code +0.500" in said
    assert second.code_share == 0
    place = words(search(client, document="Returns"))
    assert re.search(r"words 1\.00, title \+0\.0\d\)", place)


def test_misspelt_words_are_named_with_those_searched_for_them(client: Client) -> None:
    ingest_shop()
    response = search(client, "How do I snd gooods back?")
    said = "taken for misspelt: snd (searched as send), gooods (searched as goods)."
    assert said in words(response)
    assert "goods" in response.context["result"].rows[0].words
    assert "misspelt" not in words(search(client))


def test_words_that_no_passage_holds_are_named(client: Client) -> None:
    ingest_shop()
    assert "In no passage shown: refrigerator." in words(search(client, "send a refrigerator"))


def test_words_of_the_vocabulary_are_said_and_marked(client: Client) -> None:
    ingest_shop()
    VocabularyEntry.objects.create(term="Invoices", synonyms="bills")
    response = search(client, "Where are my bills?")
    assert "From the vocabulary , also searched for: Invoices." in words(response)
    first = response.context["result"].rows[0]
    assert (first.passage.title, first.words) == ("Invoices", ["Invoices"])


def test_only_the_first_passages_go_into_a_prompt(client: Client, settings: Any) -> None:
    settings.PROMPT_PASSAGES = 1
    ingest_shop()
    ingest("links.md", b"# Goods back\n\n- [Send goods back](https://example.com/back)")
    rows = search(client, "send goods back").context["result"].rows
    assert sum(row.in_prompt for row in rows) == 1
    links = next(row for row in rows if row.passage.title == "Goods back")
    assert not links.in_prompt


def test_readers_and_collection_narrow_the_search(client: Client) -> None:
    ingest_shop()
    ingest("staff.md", b"# Staff\n\nStaff send goods back at the desk.", audiences=["internal"])
    Collection.objects.create(slug="empty", name="Empty")

    def found(**more: Any) -> set[str]:
        rows = search(client, **more).context["result"].rows
        return {row.passage.title for row in rows}

    assert "Staff" not in found()
    assert "Staff" in found(audiences=["public", "internal"])
    assert found(audiences="internal") == {"Staff"}
    assert found(collection="empty") == set()
    assert "Nothing is there for these readers." in words(search(client, collection="empty"))


def test_what_is_not_published_shows_only_when_asked_for_and_is_marked(client: Client) -> None:
    document = ingest_shop()["returns.md"]
    publish(document, False)
    shown = {row.passage.title for row in search(client).context["result"].rows}
    assert "Returns" not in shown
    response = search(client, previews="on")
    assert response.context["result"].rows[0].passage.title == "Returns"
    assert "Answers no customer now" in words(response)


def test_a_document_that_should_be_found_shows_its_rank_or_its_obstacle(client: Client) -> None:
    documents = ingest_shop()
    assert "Place 1 of 3 documents found" in words(search(client, document="Returns"))
    publish(documents["returns.md"], False)
    page = words(search(client, document="returns.md"))
    assert "Not searched It is not published." in page
    assert "There is no document nowhere." in words(search(client, document="nowhere"))


def test_a_passage_for_local_models_is_marked(client: Client) -> None:
    ingest_shop()
    Collection.objects.update(local_models_only=True)
    assert "Local models only" in words(search(client))


def test_a_search_without_model_or_index_says_what_was_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest_shop()

    def away(*_: object) -> None:
        raise EmbedderUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(wiring.embedder()), "embed_query", away)
        page = words(search(client))
        assert "The embedding model was away, so only words were compared." in page
        assert "Returns" in page

    def no_index(*_: object) -> None:
        raise VectorStoreUnavailable("gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(wiring.vector_store()), "search_sparse", no_index)
        page = words(search(client, document="returns.md"))
        assert "The index was away." in page

    with monkeypatch.context() as patch:
        patch.setattr("knowledge.admin.search_box.searcher", away)
        assert "The search failed: gone" in words(search(client))


@pytest.mark.parametrize("question", ["?", "the of and", "x" * 2000, "🙂", "密码", "\\x00' OR 1=1"])
def test_odd_questions_are_answered_calmly(client: Client, question: str) -> None:
    ingest_shop()
    assert "passages found" in words(search(client, question))


@pytest.mark.parametrize(
    "wrong",
    [{"question": ""}, {"question": "x" * 2001}, {"limit": "0"}, {"limit": "51"},
     {"audiences": "nobody"}, {"collection": "nowhere"}],
)  # fmt: skip
def test_wrong_fields_say_what_is_accepted(client: Client, wrong: dict[str, str]) -> None:
    response = search(client, **{"question": QUESTION, **wrong})
    assert "errorlist" in response.content.decode()
    assert "result" not in response.context


def test_nothing_in_a_document_or_question_becomes_markup(client: Client) -> None:
    ingest("hostile.md", HOSTILE)
    Document.objects.update(title="<img src=x onerror=window.hit=3>")
    page = search(client, "goods <script>alert(4)</script>").content.decode()
    for piece in ("<script>window", "<script>alert", "<b x-data", "<img src=x"):
        assert piece not in page, piece
    assert "&lt;img src=x onerror=window.hit=3&gt;" in page


def test_the_box_finds_what_customers_find(client: Client) -> None:
    ingest("returns.md", RETURNS)
    row = search(client).context["result"].rows[0].passage
    assert row == wiring.searcher().retrieve(QUESTION, PUBLIC, 10).passages[0]

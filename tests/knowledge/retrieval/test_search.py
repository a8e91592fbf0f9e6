"""The searcher over a small index of the real engine and model."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from knowledge.retrieval.analysis import plain_words, sparse_document
from knowledge.retrieval.ranking import Scored
from knowledge.retrieval.search import Searcher
from knowledge.retrieval.spelling import WordList, corrected
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.embeddings.base import Vectors
from providers.embeddings.packaged import PackagedEmbedder
from providers.errors import EmbedderUnavailable, VectorStoreUnavailable
from providers.vector_store.base import Hit, Point, Scope, SparseVector
from providers.vector_store.edge_shard import EdgeIndex

PUBLIC = Reader(frozenset({"public"}))
PAGES = {
    "Returns": "Send goods back within 30 days of delivery. Keep the parcel slip.",
    "Passwords": "To change your password, open Settings and press Change password.",
    "Invoices": "Invoices are sent by e-mail on the first day of each month.",
    "Deliveries": "Parcels leave the warehouse each morning and arrive in two days.",
    "Batteries": "Charge the battery for three hours before you use it.",
    "Fault table": "The red lamp blinks. Codes: QX-77B9, KR4410Z and 70031185.",
    "Lamps": "The red lamp shows a fault. Read its code, look it up and tell us the code.",
}
TITLED = {str(uuid.uuid5(uuid.NAMESPACE_URL, title)): title for title in PAGES}


@pytest.fixture(scope="module")
def embedder() -> PackagedEmbedder:
    return PackagedEmbedder(Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"]))


@pytest.fixture(scope="module")
def searcher(
    embedder: PackagedEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Searcher]:
    index = EdgeIndex(tmp_path_factory.mktemp("index"))
    texts = [f"{title}\n{PAGES[title]}" for title in TITLED.values()]
    dense, titles = embedder.embed_documents(texts), embedder.embed_documents(list(PAGES))
    index.upsert(
        [
            Point(
                id=pk,
                document=TITLED[pk],
                collection="default",
                audiences=("public",),
                dense=[float(x) for x in dense[row]],
                sparse=sparse_document(texts[row]),
                chunks=1,
                title=[float(x) for x in titles[row]],
            )
            for row, pk in enumerate(TITLED)
        ]
    )
    words = WordList(dict.fromkeys(plain_words(" ".join(texts)), 1))
    yield Searcher(
        embedder,
        index,
        _passages,
        correct=lambda t: corrected(t, (words,), embedder_knows(embedder)),
    )
    index.close()


def embedder_knows(embedder: PackagedEmbedder):  # type: ignore[no-untyped-def]
    return lambda word: embedder.count_tokens(word) == 1


def _passages(candidates: Sequence[Scored], reader: Reader) -> Mapping[str, Passage]:
    return {
        c.chunk: Passage(
            chunk=c.chunk, document=c.document, version="", title=c.document, headings=(),
            text=PAGES[c.document], url="", page=None, score=c.score, dense_score=c.dense,
            sparse_score=c.sparse, title_score=c.title, code_score=c.codes,
        )
        for c in candidates
    }  # fmt: skip


def titles(found: Retrieved) -> list[str]:
    return [passage.title for passage in found.passages]


def test_the_right_page_comes_first_with_what_its_score_is_made_of(searcher: Searcher) -> None:
    first = searcher.retrieve("how do I send goods back?", PUBLIC).passages[0]
    assert first.title == "Returns"
    assert first.sparse_score == 1
    assert 0 < first.title_score < 1
    assert first.code_score == 0


@pytest.mark.parametrize("code", ["QX-77B9", "qx-77b9", "KR4410Z", "70031185"])
def test_a_code_is_found_at_rank_one_among_pages_nearer_in_meaning(
    searcher: Searcher, code: str
) -> None:
    question = f"The red lamp shows the fault code {code}, what is the code?"
    found = searcher.retrieve(question, PUBLIC)
    assert found.passages[0].title == "Fault table"
    assert found.passages[0].code_score == 1
    assert titles(searcher.retrieve(question.replace(code, ""), PUBLIC))[0] == "Lamps"


def test_one_wrong_letter_is_forgiven_and_told(searcher: Searcher) -> None:
    found = searcher.retrieve("chnage my pasword", PUBLIC)
    assert titles(found)[0] == "Passwords"
    assert dict(found.corrected)["pasword"] == ("password",)
    assert found.passages[0].sparse_score == 1


def test_a_follow_up_is_understood_by_the_turn_before(searcher: Searcher) -> None:
    for topic, page in (("change my password", "Passwords"), ("the invoice", "Invoices")):
        found = searcher.retrieve(Query("and how?", (topic,), leans=True), PUBLIC)
        assert titles(found)[0] == page


def test_a_situation_is_searched_for_each_of_its_needs(searcher: Searcher) -> None:
    text = "I forgot my password this morning. When do I get the invoice of this month?"
    assert set(titles(searcher.retrieve(text, PUBLIC))[:2]) == {"Passwords", "Invoices"}


class Counting:
    """Passes calls on and counts the searches."""

    def __init__(self, inner: EdgeIndex, points: int) -> None:
        self.searches, self._inner, self._points = 0, inner, points

    def count(self) -> int:
        return self._points

    def search_dense(self, vector: Sequence[float], scope: Scope, limit: int) -> list[Hit]:
        self.searches += 1
        return self._inner.search_dense(vector, scope, limit)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


@pytest.mark.parametrize(("points", "searches"), [(10, 4), (150_000, 3), (1_000_000, 1)])
def test_in_a_large_index_fewer_sentences_are_searched_alone(
    searcher: Searcher, points: int, searches: int
) -> None:
    store = Counting(searcher.store, points)  # type: ignore[arg-type]
    text = "I forgot my password today. When is the invoice sent? Where is my parcel now?"
    replace(searcher, store=store).retrieve(text, PUBLIC)  # type: ignore[arg-type]
    assert store.searches == searches


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b \u3000"])
def test_an_empty_question_finds_nothing_and_asks_nobody(searcher: Searcher, text: str) -> None:
    assert searcher.retrieve(text.replace("\u200b", ""), PUBLIC).passages == ()


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "?",
        "the of and to",
        "x" * 10_000,
        "send goods back " * 700,
        "how? " * 2_000,
        "退货要多久",
        "كيف أعيد البضائع",
        "🙂",
        "\x00\ud800",
        "' OR 1=1 --",
        "*:* AND [[",
    ],
)
def test_odd_questions_are_answered_calmly(searcher: Searcher, text: str) -> None:
    found = searcher.retrieve(text, PUBLIC, 5)
    assert len(found.passages) <= 5
    assert found.degraded == ""
    assert titles(found) == titles(searcher.retrieve(text, PUBLIC, 5))


@pytest.mark.parametrize(
    "reader",
    [Reader(frozenset()), Reader(frozenset({"nobody"})), Reader(frozenset({"public"}), "nowhere")],
)
def test_an_unknown_audience_or_collection_finds_nothing(
    searcher: Searcher, reader: Reader
) -> None:
    found = searcher.retrieve("how do I send goods back?", reader)
    assert (found.passages, found.degraded) == ((), "")


def test_nothing_is_asked_for_and_nothing_found(searcher: Searcher) -> None:
    assert searcher.retrieve("goods", PUBLIC, 0).passages == ()


class Away:
    """A model, or an index, that fails until it is back."""

    def __init__(self, inner: object, error: Exception) -> None:
        self.inner, self.error, self.back = inner, error, False

    def __getattr__(self, name: str) -> object:
        if self.back or name in ("name", "count_tokens"):
            return getattr(self.inner, name)

        def fail(*_: object) -> None:
            raise self.error

        return fail


def test_without_the_model_words_are_searched_and_it_recovers(searcher: Searcher) -> None:
    model = Away(searcher.embedder, EmbedderUnavailable("gone"))
    partly = replace(searcher, embedder=model)  # type: ignore[arg-type]
    text = "I want to send goods back. When is the invoice sent?"
    found = partly.retrieve(text, PUBLIC)
    assert found.degraded == "embedding"
    assert {"Returns", "Invoices"} <= set(titles(found))
    model.back = True
    assert partly.retrieve(text, PUBLIC).degraded == ""


@pytest.mark.parametrize("text", ["goods back", "I want goods back today. And an invoice please."])
def test_without_the_index_the_database_is_asked_and_it_recovers(
    searcher: Searcher, text: str
) -> None:
    index = Away(searcher.store, VectorStoreUnavailable("gone"))
    asked: list[str] = []

    def fallback(query: str, reader: Reader, limit: int) -> Sequence[Passage]:
        asked.append(query)
        return ()

    partly = replace(searcher, store=index, lexical_fallback=fallback)  # type: ignore[arg-type]
    assert partly.retrieve(text, PUBLIC).degraded == "vector_store"
    assert asked == [text]
    index.back = True
    found = partly.retrieve(text, PUBLIC)
    assert found.degraded == ""
    assert "Returns" in titles(found)


def test_the_vector_of_a_question_is_made_once(
    searcher: Searcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = searcher.embedder
    assert isinstance(embedder, PackagedEmbedder)
    infer, made = embedder._infer, list[str]()

    def counted(text: str) -> Vectors:
        made.append(text)
        return infer(text)

    monkeypatch.setattr(embedder, "_infer", counted)
    for _ in range(3):
        searcher.retrieve("how do I pay for a parcel slip?", PUBLIC)
    embedder.embed_query("how do I pay for a parcel slip?")
    assert len(made) == 1


def test_a_rank_is_that_of_the_document_in_the_index(searcher: Searcher) -> None:
    assert searcher.rank_of("Returns", "send goods back", PUBLIC.audiences, 3) == 1
    assert searcher.rank_of("Nothing", "send goods back", PUBLIC.audiences, 3) == 0


def test_a_code_vector_without_terms_searches_nothing(searcher: Searcher) -> None:
    assert searcher.store.search_sparse(SparseVector((), ()), Scope(PUBLIC.audiences), 5) == []

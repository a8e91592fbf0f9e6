"""A model that judges passages reorders what is found; without it the search's order stands."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge import wiring
from providers.errors import RerankerUnavailable
from providers.once import once
from tests.knowledge.library import PUBLIC, ingest_shop

pytestmark = pytest.mark.usefixtures("own_index")
QUESTION = "how do I send goods back"


class LikesInvoices:
    """Prefers one page whatever is asked."""

    def scores(self, query: str, texts: list[str]) -> list[float]:
        return [float("Invoices" in text) for text in texts]


@pytest.fixture(autouse=True)
def with_a_model_named(settings: Any) -> None:
    named = {**settings.PROVIDERS["rerankers"], "OPTIONS": {"model": "/no/such/folder"}}
    settings.PROVIDERS = {**settings.PROVIDERS, "rerankers": named}


def test_the_judge_has_the_last_word_on_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    ingest_shop()
    monkeypatch.setattr(wiring, "reranker", once(LikesInvoices))
    found = wiring.searcher().retrieve(QUESTION, PUBLIC)
    assert found.degraded == ""
    assert [passage.title for passage in found.passages][:2] == ["Invoices", "Returns"]
    # Confidence is fitted to the search's scores.
    assert found.passages[0].score < found.passages[1].score


def test_a_model_that_cannot_be_loaded_leaves_the_search_as_it_is() -> None:
    ingest_shop()
    wiring.reranker.cache_clear()
    first = wiring.searcher().retrieve(QUESTION, PUBLIC)
    assert first.degraded == "reranking"
    assert first.passages[0].title == "Returns"
    # Not loaded anew for each question.
    assert wiring.reranker() is wiring.reranker()
    assert isinstance(wiring.reranker(), RerankerUnavailable)
    wiring.reranker.cache_clear()

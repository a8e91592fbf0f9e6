"""Whether a model reads other languages is asked of the model."""

from pathlib import Path

import pytest
from django.conf import settings

from providers.embeddings import languages
from providers.embeddings.base import Embedder
from providers.embeddings.languages import ENOUGH, reads_other_languages, share_found
from providers.embeddings.packaged import PackagedEmbedder
from providers.embeddings.sentences import SentenceEmbedder

CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_known", {})


def test_a_multilingual_model_finds_the_translations_and_the_default_one_does_not() -> None:
    assert share_found(SentenceEmbedder(CACHE)) >= ENOUGH
    assert share_found(PackagedEmbedder(CACHE)) < ENOUGH


def test_any_name_is_asked_once_and_the_packaged_one_never() -> None:
    asked: list[str] = []

    def load() -> Embedder:
        asked.append("")
        return SentenceEmbedder(CACHE)

    assert reads_other_languages("some/hub-model", load)
    assert reads_other_languages("some/hub-model", load)
    assert not reads_other_languages("all-MiniLM-L6-v2", load)
    assert len(asked) == 1

"""An index that does not fit its model, or the model that is set, is said with the command."""

import logging
from typing import Any

import pytest

from knowledge import wiring
from knowledge.actions.defaults import ensure_generation
from knowledge.actions.generations import begin_generation
from knowledge.index_model import log_misfits, older_format, other_dimensions, other_model_set
from knowledge.intake import submit_file
from knowledge.models import INDEX_FORMAT, Activation, IndexGeneration
from providers.errors import EmbedderUnavailable
from providers.vector_store.base import Point, SparseVector
from supportbot import health
from tests.knowledge.library import RETURNS, ingest, ingest_shop, titles

pytestmark = pytest.mark.usefixtures("own_index")


@pytest.fixture
def other_set(own_index: None, settings: Any) -> None:
    """EMBEDDING_MODEL names another model than the one whose index answers."""
    ensure_generation()
    set_model(settings, "acme/other")


def set_model(settings: Any, name: str) -> None:
    embeddings = settings.PROVIDERS["embeddings"]
    changed = {**embeddings, "OPTIONS": {**embeddings["OPTIONS"], "model": name}}
    settings.PROVIDERS = {**settings.PROVIDERS, "embeddings": changed}


def fill_with_vectors_of(length: int) -> None:
    sparse = SparseVector((1,), (1.0,))
    vector = [0.5] * length
    point = Point("0" * 8 + "-0000-4000-8000-" + "0" * 12, "d", "c", ("public",), vector, sparse)
    wiring.vector_store().upsert([point])


def test_an_index_that_fits_is_no_matter() -> None:
    fill_with_vectors_of(384)
    assert other_model_set() is None
    assert other_dimensions() is None
    assert health.index_model().ok


@pytest.mark.parametrize("name", ["", "sentence-transformers/all-MiniLM-L6-v2"])
def test_other_names_of_the_packaged_model_are_the_same_model(settings: Any, name: str) -> None:
    ensure_generation()
    set_model(settings, name)
    assert other_model_set() is None


@pytest.mark.usefixtures("other_set")
def test_another_model_set_is_said_with_both_ways_out() -> None:
    check = health.index_model()
    assert not check.ok
    assert check.detail == (
        "The index answers with model all-MiniLM-L6-v2, EMBEDDING_MODEL names acme/other."
    )
    assert check.fix == (
        "Run manage.py reindex to go over to it, or set EMBEDDING_MODEL to all-MiniLM-L6-v2."
    )


@pytest.mark.usefixtures("other_set")
def test_one_that_is_being_built_with_it_only_needs_patience() -> None:
    begin_generation("acme/other", 0, Activation.ALWAYS)
    assert health.index_model().fix == (
        "Generation 2 is being built with it; wait until it is complete."
    )


def test_vectors_of_another_length_are_said_with_the_command() -> None:
    fill_with_vectors_of(8)
    check = health.index_model()
    assert not check.ok
    assert "vectors of another length than the 384 numbers" in check.detail
    assert check.fix == "Run manage.py reindex."


def test_an_index_of_an_earlier_version_is_said_and_goes_on_answering() -> None:
    ingest_shop()
    assert older_format() is None
    IndexGeneration.objects.update(format=INDEX_FORMAT - 1)
    check = health.index_model()
    assert not check.ok
    assert check.detail.startswith("Generation 1 was made by an earlier version")
    assert check.fix == "Run manage.py reindex."
    assert titles("how do I send goods back")[0] == "Returns"


def test_an_index_that_is_made_now_is_of_the_newest_format() -> None:
    ensure_generation()
    assert begin_generation("all-MiniLM-L6-v2", 0, Activation.BY_HAND).format == INDEX_FORMAT
    assert older_format() is None


def test_a_model_that_is_away_hides_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise EmbedderUnavailable("the model cannot be loaded")

    monkeypatch.setattr("knowledge.index_model.embedder", away)
    check = health.index_model()
    assert (check.ok, check.detail) == (False, "the model cannot be loaded")


@pytest.mark.usefixtures("other_set")
def test_the_log_tells_it_at_a_start(caplog: pytest.LogCaptureFixture) -> None:
    fill_with_vectors_of(8)
    IndexGeneration.objects.update(format=1)
    with caplog.at_level(logging.ERROR):
        log_misfits()
    told = {record.message: record for record in caplog.records}
    assert set(told) == {"index.other_model", "index.older_format", "index.dimensions"}
    assert "manage.py reindex" in told["index.dimensions"].__dict__["fix"]


def test_another_model_set_does_not_make_files_new_that_were_read_in(settings: Any) -> None:
    document = ingest("returns.md", RETURNS)
    set_model(settings, "acme/other")
    again = submit_file(name="returns.md", content=RETURNS)
    assert again.unchanged
    assert document.versions.count() == 1

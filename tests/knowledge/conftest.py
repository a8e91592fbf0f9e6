"""A data folder's knowledge for one test: an index in memory, a child that reads documents."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import override_settings

from knowledge import wiring
from knowledge.actions.defaults import ensure_defaults
from knowledge.working import preparation


@pytest.fixture
def own_index(db: None, _end_the_child: None) -> Iterator[None]:
    """An empty index and the default rows."""
    ensure_defaults()
    providers = {
        **settings.PROVIDERS,
        "vector_store": {
            "BACKEND": "providers.vector_store.qdrant_server.QdrantIndexes",
            "OPTIONS": {"url": ":memory:"},
        },
    }
    wiring.reset()
    with override_settings(PROVIDERS=providers):
        yield
    wiring.reset()


@pytest.fixture(scope="module")
def _end_the_child() -> Iterator[None]:
    yield
    preparation().stop()
    preparation.cache_clear()

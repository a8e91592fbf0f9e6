"""An operator's browser, and what the worker and the index were told in their place."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from knowledge import acts
from knowledge.actions import documents as actions
from knowledge.actions import readers
from knowledge.actions.defaults import ensure_defaults
from knowledge.admin import documents as documents_admin
from knowledge.models import Document
from tests import admin_cast as cast


@pytest.fixture
def client(db: None) -> Client:
    """An operator, signed in."""
    ensure_defaults()
    return cast.signed_in(cast.operator())


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[Document]:
    """The documents that the worker was rung for."""
    calls: list[Document] = []
    monkeypatch.setattr(acts, "ring", calls.append)
    monkeypatch.setattr(documents_admin, "ring", calls.append)
    return calls


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What the vector index was told, in place of an index."""
    calls: list[tuple[str, Any]] = []

    class Index:
        def delete_documents(self, ids: list[str]) -> None:
            calls.append(("delete", ids))

        def set_audiences(self, documents: list[str], slugs: tuple[str, ...]) -> None:
            calls.extend(("audiences", list(slugs)) for _ in documents)

    store: Callable[[Any], Index] = lambda generation: Index()  # noqa: E731
    monkeypatch.setattr(actions, "vector_store", store)
    monkeypatch.setattr(readers, "vector_store", store)
    return calls

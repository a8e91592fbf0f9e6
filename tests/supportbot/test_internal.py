"""The vector index for other processes: only with the token, only from this machine."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from knowledge import wiring
from providers.errors import VectorStoreUnavailable
from supportbot import internal
from supportbot.embedded import runtime
from supportbot.embedded.single_server import ServerFile


class Store:
    """Counts, and fails when told to."""

    fails = False

    def count(self) -> int:
        if self.fails:
            raise VectorStoreUnavailable("the index is being moved")
        return 42


class Indexes:
    """One store, known under the number 7."""

    def index(self, generation: int) -> Store:
        assert generation == 7
        return Store()


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    file = ServerFile(tmp_path)
    monkeypatch.setattr(runtime, "_runtime", SimpleNamespace(file=file))
    monkeypatch.setattr(wiring, "indexes", Indexes)
    monkeypatch.setattr(Store, "fails", False)
    return file.token


def call(token: str, body: Any, **meta: str) -> HttpResponse:
    request = RequestFactory().post(
        "/internal/vector-store",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
        **meta,  # type: ignore[arg-type]
    )
    return internal.vector_store(request)


COUNT = {"generation": 7, "method": "count", "arguments": {}}


def test_the_owner_of_the_token_gets_the_result(token: str) -> None:
    response = call(token, COUNT)
    assert response.status_code == 200
    assert json.loads(response.content) == {"result": 42}


def test_without_the_token_there_is_nothing_here(token: str) -> None:
    assert call("wrong", COUNT).status_code == 404
    assert call("", COUNT).status_code == 404


def test_without_a_server_there_is_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_runtime", None)
    assert call("", COUNT).status_code == 404


@pytest.mark.parametrize(
    "meta",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    ],
)
def test_other_machines_are_refused_even_with_the_token(token: str, meta: dict[str, str]) -> None:
    assert call(token, COUNT, **meta).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        {"method": "count"},
        {"method": "count", "arguments": {}},
        {"generation": 7, "method": "close", "arguments": {}},
    ],
)
def test_a_call_of_the_wrong_form_is_told_so(token: str, body: Any) -> None:
    response = call(token, body)
    assert response.status_code == 400
    assert "error" in json.loads(response.content)


def test_an_error_of_the_store_travels_by_name(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "fails", True)
    told = json.loads(call(token, COUNT).content)
    assert told == {"error": "VectorStoreUnavailable", "detail": "the index is being moved"}

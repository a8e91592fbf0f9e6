"""Health tells what is wrong and what to do, and readiness turns red in time."""

import json
import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from conversations import wiring as conversation_wiring
from knowledge import wiring
from observability.models import LeftAlone
from providers.errors import VectorStoreUnavailable
from providers.llm.connection import LlmConnection
from supportbot import health
from supportbot.embedded import runtime

pytestmark = pytest.mark.django_db


class Store:
    """An index with two passages."""

    def count(self) -> int:
        return 2


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A runtime that is warm and consumes."""
    warm = threading.Event()
    warm.set()
    made = SimpleNamespace(
        warm=warm,
        warming_problem="",
        stopping=lambda: False,
        consuming=lambda: {"answers": True, "ingestion": True, "sources": True},
    )
    monkeypatch.setattr(runtime, "_runtime", made)
    monkeypatch.setattr(wiring, "vector_store", Store)
    return made


def readiness(client: Client) -> tuple[int, set[str]]:
    """Return the status and the names of what is not ready."""
    response = client.get("/readyz")
    body: dict[str, Any] = json.loads(response.content)
    assert body["ready"] is (response.status_code == 200)
    return response.status_code, {name for name, check in body["checks"].items() if not check["ok"]}


def test_a_warm_server_is_ready(client: Client, server: SimpleNamespace) -> None:
    assert readiness(client) == (200, set())


def test_a_server_that_loads_its_model_is_not_ready_yet(
    client: Client, server: SimpleNamespace
) -> None:
    server.warm.clear()
    assert readiness(client) == (503, {"embedding_model", "vector_store"})


def test_a_model_that_cannot_be_loaded_is_told(client: Client, server: SimpleNamespace) -> None:
    server.warming_problem = "the weights are not the ones we know"
    assert readiness(client) == (503, {"embedding_model"})


def test_a_stopping_server_is_not_ready(client: Client, server: SimpleNamespace) -> None:
    server.stopping = lambda: True
    assert readiness(client) == (503, {"process"})


@pytest.mark.parametrize("queue", ["answers", "ingestion", "sources"])
def test_a_queue_without_worker_is_told(
    client: Client, server: SimpleNamespace, queue: str
) -> None:
    server.consuming = lambda: {name: name != queue for name in health.QUEUES}
    assert readiness(client) == (503, {"workers"})
    assert health.workers().detail == f"nobody takes {queue}"


def test_a_full_disk_turns_readiness_red(
    client: Client, server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1024))
    assert readiness(client) == (503, {"disk"})


def test_an_unreachable_index_turns_readiness_red(
    client: Client, server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise VectorStoreUnavailable("no answer")

    monkeypatch.setattr(wiring, "vector_store", away)
    assert readiness(client) == (503, {"vector_store"})


def test_a_silent_database_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def cursor() -> None:
        raise OperationalError("connection to me:secret@db refused")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=cursor, vendor="postgresql"))
    check = health.database()
    assert not check.ok
    assert "DATABASE_URL" in check.fix
    assert "secret" not in check.detail + check.fix


def test_alive_means_alive_whatever_else_fails(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_doctor_covers_every_part_and_says_what_to_do(
    server: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        health, "embedding_model", lambda: health.Check("embedding_model", True, "")
    )
    monkeypatch.setattr(runtime, "_runtime", None)
    checks = {check.name: check for check in health.everything()}
    assert set(checks) == {
        "settings", "database", "migrations", "disk", "broker", "workers", "vector_store",
        "embedding_model", "reranking_model", "index_model", "other_languages", "llm",
        "llm_left_alone", "bot",
    }  # fmt: skip
    assert not checks["workers"].ok
    assert "scripts/run" in checks["workers"].fix
    assert checks["llm"].ok
    assert all(check.fix for check in checks.values() if not check.ok)


def test_a_model_that_is_not_called_is_told_with_the_reason_until_its_time_is_over() -> None:
    row = LeftAlone.objects.create(
        endpoint="api.example",
        model="big",
        why="refused",
        until=timezone.now() + timedelta(minutes=4),
    )
    check = health.models_left_alone()
    assert not check.ok
    assert "big is not called until" in check.detail
    assert "check the key" in check.detail
    LeftAlone.objects.filter(pk=row.pk).update(until=timezone.now())
    assert health.models_left_alone().ok


def test_a_purpose_whose_model_is_not_connected_is_told(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    options = {**settings.PROVIDERS["llm"]["OPTIONS"], "purpose_models": {"rewrite": "gone"}}
    settings.PROVIDERS = {
        **settings.PROVIDERS, "llm": {**settings.PROVIDERS["llm"], "OPTIONS": options}
    }  # fmt: skip
    monkeypatch.setattr(
        conversation_wiring, "connection", lambda: LlmConnection(("a", "b"), "http://x")
    )
    check = health.llm()
    assert not check.ok
    assert "gone" in check.detail
    assert "a, b" in check.fix

"""The checklist: each step is done when it is really done."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from conversations import wiring
from conversations.answering.toolbox import Toolbox
from conversations.models import ModelConnection
from conversations.prompts import load
from knowledge.actions.defaults import ensure_defaults
from knowledge.models import Collection, Document, DocumentStatus
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from observability.models import LlmCall
from supportbot import checklist
from supportbot.models import MarkKey, SetupMark
from supportbot.roles import AGENT
from tests import admin_cast as cast

pytestmark = pytest.mark.django_db
PASSAGE = Passage(
    chunk="5e7bd2b8-42ea-4b0e-a3b3-7f8df25b5a01",
    document="5e7bd2b8-42ea-4b0e-a3b3-7f8df25b5a02",
    version="5e7bd2b8-42ea-4b0e-a3b3-7f8df25b5a03",
    title="Resetting your password",
    headings=("Resetting your password",),
    text="To reset your password, open Settings and press Reset password. <script>x</script>",
    url="",
    page=None,
    score=0.95,
    dense_score=0.8,
    sparse_score=1.0,
)


@pytest.fixture
def ada() -> User:
    ensure_defaults()
    return cast.administrator()


@pytest.fixture
def client(ada: User) -> Client:
    return cast.signed_in(ada)


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> list[Reader]:
    """The real pipeline over one passage; gives on whose behalf was searched."""
    asked: list[Reader] = []

    def retrieve(query: Query, reader: Reader, limit: int) -> Retrieved:
        asked.append(reader)
        return Retrieved((PASSAGE,))

    monkeypatch.setattr(
        wiring, "toolbox", lambda **ids: Toolbox(retrieve=retrieve, prompt=load("answer_v1"))
    )
    return asked


def _step(user: User, key: str) -> checklist.Step:
    return next(step for step in checklist.steps(user) if step.key == key)


def test_nothing_is_done_in_an_empty_installation(ada: User) -> None:
    assert [step.done for step in checklist.steps(ada)] == [False] * 4


def test_documents_count_only_when_one_is_ready(ada: User) -> None:
    document = Document.objects.create(
        collection=Collection.objects.get(), path="a.md", title="A", status=DocumentStatus.FAILED
    )
    step = _step(ada, "documents")
    assert not step.done
    assert "1 failed" in step.state
    Document.objects.filter(pk=document.pk).update(status=DocumentStatus.INDEXED)
    assert _step(ada, "documents").done


def test_a_model_counts_only_after_a_call_succeeded(ada: User) -> None:
    row = ModelConnection(base_url="http://127.0.0.1:9/v1", model_names=["m"])
    row.save()
    assert not _step(ada, "model").done
    assert "Test it" in _step(ada, "model").state
    LlmCall.objects.create(purpose="connection test", model="m", outcome="ok", total_ms=1)
    assert _step(ada, "model").done
    row.save()  # Changed since: the old call says nothing about the new connection.
    assert not _step(ada, "model").done


def test_a_model_from_the_environment_counts_like_a_stored_one(ada: User, settings: Any) -> None:
    options = {**settings.PROVIDERS["llm"]["OPTIONS"], "models": ["e"], "base_url": "http://x/v1"}
    settings.PROVIDERS = {
        **settings.PROVIDERS,
        "llm": {**settings.PROVIDERS["llm"], "OPTIONS": options},
    }
    assert "e is set up" in _step(ada, "model").state
    LlmCall.objects.create(purpose="answer", model="e", outcome="ok", total_ms=1)
    assert _step(ada, "model").done


def test_going_on_without_a_model_is_a_decision_of_an_administrator(
    ada: User, client: Client
) -> None:
    address = reverse("admin:checklist_mark")
    cast.signed_in(cast.operator()).post(address, {"key": "without_model"})
    assert not _step(ada, "model").done
    client.post(address, {"key": "without_model"})
    assert _step(ada, "model").done
    assert SetupMark.objects.get().made_by == ada


def test_a_test_question_runs_the_real_pipeline_and_shows_its_sources(
    ada: User, client: Client, readers: list[Reader]
) -> None:
    response = client.post(
        reverse("admin:try_question"),
        {"text": "How do I reset my password?", "audiences": ["public"]},
    )
    page = response.content.decode()
    assert "Quoted from documents" in page
    assert "Resetting your password" in page
    assert "<script>x" not in page
    assert readers == [Reader(frozenset({"public"}))]
    assert _step(ada, "question").done
    assert "1 citation" in _step(ada, "question").state


def test_an_empty_question_asks_for_words_and_counts_for_nothing(
    ada: User, client: Client, readers: list[Reader]
) -> None:
    response = client.post(reverse("admin:try_question"), {"text": " ", "audiences": ["public"]})
    assert b"This field is required" in response.content
    assert not readers
    assert not _step(ada, "question").done


def test_the_first_agent_can_sign_in_with_the_password_shown_once(
    ada: User, client: Client
) -> None:
    response = client.post(
        reverse("admin:first_agent"), {"username": "amira", "first_name": "Amira"}
    )
    made = User.objects.get(username="amira")
    assert [group.name for group in made.groups.all()] == [AGENT]
    password = response.context["password"]
    assert password in response.content.decode()
    assert Client().login(username="amira", password=password)
    assert _step(ada, "agent").done
    again = client.post(reverse("admin:first_agent"), {"username": "amira"})
    assert b"already exists" in again.content


def test_an_unfinished_checklist_cannot_be_hidden_and_a_finished_one_can(
    ada: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = reverse("admin:checklist_mark")
    client.post(address, {"key": MarkKey.CHECKLIST_HIDDEN})
    assert not checklist.hidden()
    assert b"First steps" in client.get(reverse("admin:index")).content
    monkeypatch.setattr(checklist, "complete", lambda steps: True)
    client.post(address, {"key": MarkKey.CHECKLIST_HIDDEN})
    assert b"Set-up is complete" not in client.get(reverse("admin:index")).content
    client.post(address, {"key": "show"})
    assert b"Set-up is complete" in client.get(reverse("admin:index")).content


def test_an_agent_sees_no_checklist() -> None:
    page = cast.signed_in(cast.agent()).get(reverse("admin:index")).content
    assert b"First steps" not in page
    assert b"Waiting for a person" in page
    assert b"USD spent" not in page

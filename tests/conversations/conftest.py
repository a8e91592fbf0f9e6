"""A visitor, their conversation, an agent, and a bell that only counts."""

import uuid
from collections.abc import Callable

import pytest
from celery import current_app
from django.contrib.auth.models import User

from conversations.actions import conversations as starting
from conversations.answering.values import (
    Confidence,
    ConfidenceLevel,
    Disposition,
    Reply,
    Source,
)
from conversations.intake import submit
from conversations.models import Conversation, Message
from knowledge.actions.defaults import ensure_defaults
from tests.knowledge.conftest import _end_the_child, own_index

__all__ = ["_end_the_child", "own_index"]


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions a worker was rung for, instead of a broker."""
    calls: list[str] = []

    def send_task(name: str, args: tuple[str], **options: object) -> None:
        calls.append(args[0])

    monkeypatch.setattr(current_app, "send_task", send_task)
    return calls


@pytest.fixture
def conversation(db: None, rung: list[str]) -> Conversation:
    ensure_defaults()
    made, _ = starting.start(None, "192.0.2.7")
    return made


@pytest.fixture
def agent(db: None) -> User:
    return User.objects.create_user("ada", first_name="Ada", is_staff=True)


@pytest.fixture
def ask(conversation: Conversation) -> Callable[[str], Message]:
    def send(text: str) -> Message:
        return submit(conversation, text, uuid.uuid4()).message

    return send


@pytest.fixture
def reply() -> Callable[[str], Reply]:
    def make(text: str = "Here you are.", **values: object) -> Reply:
        fields: dict[str, object] = {
            "text": text,
            "disposition": Disposition.ANSWER,
            "source": Source.LLM,
            "confidence": Confidence(0.9, ConfidenceLevel.HIGH),
            **values,
        }
        return Reply(**fields)  # type: ignore[arg-type]

    return make

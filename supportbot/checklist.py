"""The first-run checklist: each step's state comes from what is really there."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from conversations import wiring
from conversations.models import ModelConnection
from knowledge.models import Document, DocumentStatus
from observability.models import LlmCall
from supportbot.models import MarkKey, SetupMark
from supportbot.roles import AGENT


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist. `state` is a sentence; `url` is where the step is done."""

    key: str
    title: str
    done: bool
    state: str
    url: str
    action: str
    allowed: bool = True


def may_see(request: HttpRequest) -> bool:
    """Say whether the checklist is for this person: those who curate or configure."""
    return may_use(request.user)


def may_use(user: User | AnonymousUser) -> bool:
    """Say whether this person curates documents."""
    return user.has_perm("knowledge.add_document")


def steps(user: User | AnonymousUser) -> tuple[Step, ...]:
    """Return the four steps as they stand now."""
    return (_documents(), _model(user), _question(), _first_agent(user))


def complete(found: tuple[Step, ...]) -> bool:
    """Say whether every step is done."""
    return all(step.done for step in found)


def hidden() -> bool:
    """Say whether somebody put the finished checklist away."""
    return SetupMark.objects.filter(key=MarkKey.CHECKLIST_HIDDEN).exists()


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _documents() -> Step:
    status = Count("pk", filter=Q(status=DocumentStatus.INDEXED))
    failed = Count("pk", filter=Q(status=DocumentStatus.FAILED))
    found = Document.objects.aggregate(ready=status, failed=failed, all=Count("pk"))
    if not found["all"]:
        state = "There are no documents yet. Answers come from them."
    else:
        ready = _counted(found["ready"], "document is", "documents are")
        state = f"{ready} ready, {found['failed']} failed, {found['all']} in all."
    return Step(
        "documents",
        "Documents",
        bool(found["ready"]),
        state,
        reverse("admin:knowledge_document_upload"),
        "Upload documents",
    )


def _model(user: User | AnonymousUser) -> Step:
    done, state = _model_state()
    return Step(
        "model",
        "Language model",
        done,
        state,
        reverse("admin:conversations_modelconnection_changelist"),
        "Connect a model",
        user.has_perm("conversations.change_modelconnection"),
    )


def _model_state() -> tuple[bool, str]:
    connection = wiring.connection()
    if connection is None:
        if SetupMark.objects.filter(key=MarkKey.WITHOUT_MODEL).exists():
            return True, "None is connected, by choice: customers get quotes from the documents."
        return False, "None is connected. Until then customers get quotes from the documents."
    calls = LlmCall.objects.filter(outcome="ok", model__in=connection.models)
    row = ModelConnection.objects.first()
    if row is not None and connection == row.connection():
        calls = calls.filter(created_at__gte=row.updated_at)
    last = calls.first()
    if last is None:
        return False, f"{connection.models[0]} is set up, but no call has succeeded yet. Test it."
    return True, f"{last.model} answered last on {last.created_at:%d %B %Y at %H:%M} UTC."


def _question() -> Step:
    mark = SetupMark.objects.filter(key=MarkKey.TEST_QUESTION).first()
    state = (
        mark.detail if mark else "Ask something your customers ask, and see what they would get."
    )
    return Step(
        "question", "Test question", mark is not None, state, reverse("admin:try_question"), "Ask"
    )


def _first_agent(user: User | AnonymousUser) -> Step:
    number = User.objects.filter(groups__name=AGENT, is_active=True, is_staff=True).count()
    state = (
        f"{_counted(number, 'person answers', 'people answer')} customers."
        if number
        else "Nobody answers customers yet. Make an account for somebody who will."
    )
    return Step(
        "agent",
        "First agent",
        bool(number),
        state,
        reverse("admin:first_agent"),
        "Make an account",
        user.has_perm("auth.add_user"),
    )

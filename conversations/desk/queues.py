"""Which conversations stand in which queue, in which order, and since when somebody waits."""

from __future__ import annotations

import contextlib
import uuid
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce, Greatest

from conversations.actions.escalations import name_of
from conversations.models import (
    Block,
    Conversation,
    DeskState,
    Escalation,
    EscalationReason,
    EscalationState,
    Message,
    MessageRole,
    Note,
    Priority,
)
from conversations.ownership import Owner

QUEUES = ("mine", "unassigned", "waiting", "bot", "snoozed", "closed")
PAGE_ROWS = 50
EXCERPT_CHARACTERS = 120
_WITH_PEOPLE = (Owner.WAITING, Owner.AGENT)
_REPLIED = (MessageRole.AGENT, MessageRole.ASSISTANT)


def queue(name: str, agent: User, now: datetime) -> QuerySet[Conversation]:
    """Return a queue's conversations, the most pressing first. Raises KeyError."""
    rows = _annotated()
    asleep = Q(desk__snoozed_until__gt=now)
    awake = rows.exclude(asleep)
    pressing = (Coalesce("desk__priority", 0).desc(), F("since").asc(nulls_last=True))
    match name:
        case "mine":
            return awake.filter(owner=Owner.AGENT, agent=agent).order_by(*pressing)
        case "unassigned":
            return awake.filter(owner=Owner.WAITING).order_by(*pressing)
        case "waiting":
            by_person = awake.filter(owner__in=(Owner.WAITING, Owner.AGENT))
            return by_person.filter(since__isnull=False).order_by(*pressing)
        case "bot":
            return awake.filter(owner=Owner.BOT, last_seq__gt=0).order_by("-updated_at")
        case "snoozed":
            return rows.filter(asleep).order_by("desk__snoozed_until")
        case "closed":
            return rows.filter(owner=Owner.CLOSED).order_by("-updated_at")
    raise KeyError(name)


def search(words: str) -> QuerySet[Conversation]:
    """Return the conversations with these words in a message, note or tag, the newest first."""
    words = words.strip()
    said = Message.objects.filter(conversation=OuterRef("pk"), text__icontains=words)
    noted = Note.objects.filter(conversation=OuterRef("pk"), text__icontains=words)
    tagged = DeskState.objects.filter(conversation=OuterRef("pk"), tags__name=words.lower())
    found = Q(Exists(said)) | Q(Exists(noted)) | Q(Exists(tagged))
    with contextlib.suppress(ValueError):
        found |= Q(pk=uuid.UUID(words))
    return _annotated().filter(found).order_by("-updated_at")


def counts(agent: User, now: datetime) -> dict[str, int]:
    """Return how many conversations each queue has."""
    return {name: queue(name, agent, now).order_by().count() for name in QUEUES}


def rows_of(conversations: QuerySet[Conversation]) -> list[dict[str, Any]]:
    """Return the first page of a queue as the desk shows it."""
    page = conversations.select_related("agent", "desk").prefetch_related("desk__tags")
    return [row_of(conversation) for conversation in page[:PAGE_ROWS]]


def row_of(conversation: Any) -> dict[str, Any]:
    """Return one annotated conversation as a queue shows it. Times are ISO 8601."""
    desk = getattr(conversation, "desk", None)
    since = conversation.since
    return {
        "id": str(conversation.pk),
        "owner": conversation.owner,
        "agent": name_of(conversation.agent) if conversation.agent else "",
        "agent_id": conversation.agent_id,
        "words": _excerpt(conversation.words or ""),
        "reason": EscalationReason(conversation.reason).label if conversation.reason else "",
        "since": since.isoformat() if since and conversation.owner in _WITH_PEOPLE else None,
        "updated_at": conversation.updated_at.isoformat(),
        "priority": desk.priority if desk else Priority.NORMAL.value,
        "snoozed_until": _iso(desk.snoozed_until) if desk else None,
        "tags": [tag.name for tag in desk.tags.all()] if desk else [],
        "blocked": bool(conversation.blocked),
    }


def annotated_row(conversation_id: uuid.UUID) -> dict[str, Any] | None:
    """Return one conversation as a queue shows it, or None."""
    rows = rows_of(_annotated().filter(pk=conversation_id))
    return rows[0] if rows else None


def of_visitor(visitor_id: uuid.UUID, but: uuid.UUID) -> list[dict[str, Any]]:
    """Return the visitor's other conversations, the newest first."""
    rows = _annotated().filter(visitor=visitor_id).exclude(pk=but)
    return rows_of(rows.order_by("-updated_at"))


def _annotated() -> QuerySet[Any]:
    """Add: the last words, since when the customer waits, why a person was asked, blocked."""
    messages = Message.objects.filter(conversation=OuterRef("pk"))
    last_reply = messages.filter(role__in=_REPLIED).order_by("-seq").values("seq")[:1]
    written = messages.filter(role=MessageRole.CUSTOMER)
    unanswered = written.filter(seq__gt=Coalesce(OuterRef("replied_seq"), 0)).order_by("seq")
    request = Escalation.objects.filter(
        conversation=OuterRef("pk"), state=EscalationState.OPEN
    ).annotate(waited_since=Greatest("created_at", Coalesce("back_at", "created_at")))
    running = Escalation.objects.filter(
        conversation=OuterRef("pk"), state__in=(EscalationState.OPEN, EscalationState.TAKEN)
    )
    rows: QuerySet[Any] = Conversation.objects.annotate(
        replied_seq=Subquery(last_reply),
        since=Case(
            When(owner=Owner.WAITING, then=Subquery(request.values("waited_since")[:1])),
            default=Subquery(unanswered.values("created_at")[:1]),
        ),
        words=Subquery(written.exclude(text="").order_by("-seq").values("text")[:1]),
        reason=Subquery(running.values("reason")[:1]),
        blocked=Exists(Block.objects.filter(visitor=OuterRef("visitor_id"))),
    )
    return rows


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARACTERS else f"{line[: EXCERPT_CHARACTERS - 1]}…"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

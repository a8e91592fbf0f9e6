"""Which conversations stand in which queue, in which order, and since when somebody waits."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    Field,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce, Greatest

from conversations.actions.escalations import name_of
from conversations.desk.customers import mark_of
from conversations.models import (
    Block,
    Contact,
    Conversation,
    DeskState,
    Escalation,
    EscalationReason,
    EscalationState,
    Message,
    MessageRole,
    Note,
    PageContext,
    Priority,
    Team,
)
from conversations.models.escalation import without_reply
from conversations.ownership import Owner
from knowledge.compiled_query import CompiledQuery

QUEUES = ("mine", "unassigned", "waiting", "bot", "snoozed", "closed")
PAGE_ROWS, MOST_ROWS = 50, 500
# Notices are for what can be seen at a glance.
MOST_CALLING = 20
EXCERPT_CHARACTERS = 120
_WITH_PEOPLE = (Owner.WAITING, Owner.AGENT)
_REPLIED = (MessageRole.AGENT, MessageRole.ASSISTANT)
_SHOWN_WITH = ("agent", "desk", "site", "team", "visitor__verified")


def queue(name: str, agent: Any, now: Any) -> QuerySet[Any]:
    """Return a queue's conversations, the most pressing first. Raises KeyError."""
    rows = _annotated().filter(_belongs(agent, now)[name])
    pressing = (Coalesce("desk__priority", 0).desc(), F("since").asc(nulls_last=True))
    match name:
        case "waiting":
            return rows.filter(since__isnull=False).order_by(*pressing)
        case "mine" | "unassigned":
            return rows.order_by(*pressing)
        case "snoozed":
            return rows.order_by("desk__snoozed_until")
    return rows.order_by("-updated_at")


def _belongs(agent: Any, now: Any) -> dict[str, Q]:
    """Return what makes a conversation one of each queue; of those waiting somebody must, too."""
    asleep = Q(desk__snoozed_until__gt=now)
    return {
        "mine": ~asleep & Q(owner=Owner.AGENT, agent=agent),
        "unassigned": ~asleep & Q(owner=Owner.WAITING),
        "waiting": ~asleep & Q(owner__in=_WITH_PEOPLE),
        "bot": ~asleep & Q(owner=Owner.BOT, last_seq__gt=0),
        "snoozed": asleep,
        "closed": Q(owner=Owner.CLOSED),
    }


def of_teams(rows: QuerySet[Any], team: str, agent: User, now: datetime) -> QuerySet[Any]:
    """Return those that a choice of team shows: "" all, "mine", or a team's number.

    To one's own belongs what no team has, and what a team has of which nobody is at the desk:
    the general queue, so that no request is out of everybody's sight.
    """
    if team == "mine":
        mine = Q(team__isnull=True) | Q(team__in=Team.objects.of(agent.pk))
        return rows.filter(mine | ~Q(team__in=Team.objects.at_the_desk(now)) | Q(agent=agent))
    return rows.filter(team=int(team)) if team.isdecimal() else rows


def calling(agent: User, team: str, now: datetime) -> list[dict[str, Any]]:
    """Return who waits for this agent to do something: unassigned ones, and the agent's own."""
    if team:
        unassigned = list(
            of_teams(queue("unassigned", agent, now), team, agent, now)[:MOST_CALLING]
        )
    else:
        unassigned = _unassigned(agent, now)
    rows = [*unassigned, *_own_unanswered(agent, now)]
    return [
        {
            "id": str(row.pk),
            "words": _excerpt(row.words or ""),
            "since": row.since.isoformat() if row.since else None,
            "mine": row.agent_id == agent.pk,
        }
        for row in rows
    ]


def next_waking(now: datetime) -> str | None:
    """Return when the next snooze ends."""
    asleep = DeskState.objects.filter(snoozed_until__gt=now).order_by("snoozed_until")
    return _iso(asleep.values_list("snoozed_until", flat=True).first())


def search(words: str) -> QuerySet[Conversation]:
    """Return the conversations with these words, the newest first.

    Looked at: messages, notes, tags, the customer's address, and the name the page gave.
    """
    words = words.strip()
    said = Message.objects.filter(_holds("text", words), conversation=OuterRef("pk"))
    noted = Note.objects.filter(_holds("text", words), conversation=OuterRef("pk"))
    tagged = DeskState.objects.filter(conversation=OuterRef("pk"), tags__name=words.lower())
    left = Contact.objects.filter(conversation=OuterRef("pk"), email__icontains=words)
    called = PageContext.objects.filter(
        Q(said_email__icontains=words) | _holds("said_name", words),
        conversation=OuterRef("pk"),
    )
    found = Q(Exists(said)) | Q(Exists(noted)) | Q(Exists(tagged))
    found |= Q(Exists(left)) | Q(Exists(called)) | _known_as(words)
    with contextlib.suppress(ValueError):
        found |= Q(pk=uuid.UUID(words))
    return _annotated().filter(found).order_by("-updated_at")


def counts(agent: User, now: datetime, team: str = "") -> dict[str, int]:
    """Return how many conversations each queue has."""
    rows = of_teams(Conversation.objects.all(), team, agent, now)
    # One look at the table: each open desk asks for these with every change.
    plain = {name: q for name, q in _belongs(agent, now).items() if name != "waiting"}
    found = rows.aggregate(**{name: Count("pk", filter=q) for name, q in plain.items()})
    waiting = of_teams(queue("waiting", agent, now), team, agent, now).order_by().count()
    return {name: waiting if name == "waiting" else found[name] for name in QUEUES}


def first_rows(name: str, agent: User, now: datetime) -> list[dict[str, Any]]:
    """Return the first rows of a queue of all teams, and one more if there are. Raises KeyError."""
    return _shown(_first_pages[name](agent, now))


def _shown(rows: list[Any]) -> list[dict[str, Any]]:
    prefetch_related_objects(rows, "desk__tags")
    return [row_of(conversation) for conversation in rows]


def rows_of(conversations: QuerySet[Conversation], most: int = PAGE_ROWS) -> list[dict[str, Any]]:
    """Return the first rows of a queue as the desk shows them."""
    rows = conversations.select_related(*_SHOWN_WITH).prefetch_related("desk__tags")
    return [row_of(conversation) for conversation in rows[:most]]


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
        "verified": mark_of(conversation.visitor),
        "site": str(conversation.site or ""),
        "test": conversation.is_test,
        "team": str(conversation.team or ""),
        "team_id": conversation.team_id,
    }


def annotated_row(conversation_id: uuid.UUID) -> dict[str, Any] | None:
    """Return one conversation as a queue shows it, or None."""
    rows = _shown(_one.rows(pk=conversation_id))
    return rows[0] if rows else None


def of_visitors(visitors: Iterable[uuid.UUID], but: uuid.UUID) -> list[dict[str, Any]]:
    """Return these visitors' other conversations, the newest first."""
    return _shown(_others.rows(visitors=list(visitors), but=but))


def _holds(field: str, words: str) -> Q:
    # SQLite's LIKE knows no large and small letters beyond ASCII; its regular expressions, which
    # cost more, do.
    if words.isascii():
        return Q(**{f"{field}__icontains": words})
    return Q(**{f"{field}__iregex": re.escape(words)})


def _known_as(words: str) -> Q:
    """Match customers whom their site has verified under this name, address or number."""
    of = "visitor__verified"
    named = _holds(f"{of}__name", words) | Q(**{f"{of}__email__iexact": words})
    return named | Q(**{f"{of}__subject": words})


def _annotated() -> QuerySet[Any]:
    """Add: the last words, since when the customer waits, why a person was asked, blocked."""
    messages = Message.objects.filter(conversation=OuterRef("pk"))
    last_reply = messages.filter(role__in=_REPLIED).order_by("-seq").values("seq")[:1]
    written = messages.filter(role=MessageRole.CUSTOMER)
    unanswered = written.filter(seq__gt=Coalesce(OuterRef("replied_seq"), 0)).order_by("seq")
    running = Escalation.objects.filter(
        conversation=OuterRef("pk"), state__in=(EscalationState.OPEN, EscalationState.TAKEN)
    )
    waited_since = Greatest("created_at", Coalesce("back_at", "created_at"))
    # Who asked for a person by a button waits for their words, not for their name.
    request = running.filter(without_reply()).annotate(waited_since=waited_since)
    asked = Subquery(request.values("waited_since")[:1])
    first_unanswered = Subquery(unanswered.values("created_at")[:1])
    rows: QuerySet[Any] = Conversation.objects.annotate(
        replied_seq=Subquery(last_reply),
        since=Case(
            When(owner=Owner.WAITING, then=asked),
            When(owner=Owner.AGENT, then=Coalesce(asked, first_unanswered)),
            default=None,
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


# Each open desk asks for these with every change; to build such a query costs ten times its run.
def _compiled(
    name: str, change: Callable[[QuerySet[Any]], QuerySet[Any]]
) -> Callable[[User, datetime], list[Any]]:
    """Return what runs a queue's query, changed, for an agent at a moment."""
    used = {"mine": ("agent", "now"), "closed": ()}.get(name, ("now",))
    fields = {"agent": IntegerField(), "now": DateTimeField()}
    query: CompiledQuery[Any] = CompiledQuery(
        lambda **given: change(queue(name, given.get("agent"), given.get("now"))),
        **{one: cast("Field[Any, Any]", fields[one]) for one in used},
    )

    def run(agent: User, now: datetime) -> list[Any]:
        values = {"agent": agent.pk, "now": now}
        return query.rows(**{one: values[one] for one in used})

    return run


_first_pages = {
    name: _compiled(name, lambda rows: rows.select_related(*_SHOWN_WITH)[: PAGE_ROWS + 1])
    for name in QUEUES
}
_unassigned = _compiled("unassigned", lambda rows: rows[:MOST_CALLING])
_own_unanswered = _compiled("mine", lambda rows: rows.filter(since__isnull=False)[:MOST_CALLING])
_one: CompiledQuery[Any] = CompiledQuery(
    lambda pk: _annotated().filter(pk=pk).select_related(*_SHOWN_WITH), pk=UUIDField()
)
_others: CompiledQuery[Any] = CompiledQuery(
    lambda visitors, but: (
        _annotated()
        .filter(visitor__pk__in=visitors)
        .exclude(pk=but)
        .select_related(*_SHOWN_WITH)
        .order_by("-updated_at")[:PAGE_ROWS]
    ),
    visitors=UUIDField(),
    but=UUIDField(),
)

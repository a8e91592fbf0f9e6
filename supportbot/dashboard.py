"""The numbers on the admin's first page, each shown only to those who may see its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from conversations.answer_words import paused_in_words
from conversations.models import (
    Answer,
    Escalation,
    EscalationState,
    Feedback,
    Message,
    MessageKind,
    ServiceState,
)
from conversations.waiting import in_words
from knowledge import overview
from knowledge.actions.reviews import EXPIRY_NOTICE_DAYS, expiring, to_review
from knowledge.models import Document
from observability.models import Incident, LeftAlone, LlmCall

Someone = User | AnonymousUser
MOST_ROWS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One number and where its rows are."""

    label: str
    value: str
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A group of figures. `rows` are lines of their own, `note` is one sentence below them."""

    title: str
    icon: str
    figures: tuple[Figure, ...]
    note: str = ""
    url: str = ""
    rows: tuple[Figure, ...] = ()


def cards(user: Someone) -> list[Card]:
    """Return the cards this person may see."""
    now = timezone.now()
    # Today as the admin's clock shows it (TIME_ZONE).
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Card] = []
    if user.has_perm("conversations.view_servicestate"):
        found += _switches(now)
    if user.has_perm("conversations.view_escalation"):
        found.append(_escalations(now))
    if user.has_perm("conversations.view_answer"):
        found.append(_answers(midnight))
    if user.has_perm("conversations.view_feedback"):
        found.append(_feedback(midnight))
    if user.has_perm("knowledge.view_document"):
        found.append(_documents())
    if user.has_perm("knowledge.change_document"):
        found += _reviews(now)
    if user.has_perm("observability.view_llmcall"):
        found.append(_spending(now))
    return found


def _switches(now: datetime) -> list[Card]:
    """Return the card about a pause or a banner; none when neither stands."""
    state = ServiceState.current()
    paused, banner = state.is_paused(now), state.banner_shown(now)
    if not paused and not banner:
        return []
    url = reverse("admin:conversations_servicestate_changelist")
    figures: tuple[Figure, ...] = (Figure("the bot", "paused", url, "danger"),) if paused else ()
    figures += (Figure("banner", "shown", url, "warning"),) if banner else ()
    said = [paused_in_words(state)] if paused else []
    said += [f"Customers read: {banner}"] if banner else []
    return [Card("Pause and banner", "pause_circle", figures, " ".join(said), url)]


def waiting_badge(request: HttpRequest) -> str:
    """Return how many customers wait, for the side bar; nothing when nobody does."""
    number = Escalation.objects.filter(state=EscalationState.OPEN).count()
    return str(number) if number else ""


def _escalations(now: datetime) -> Card:
    url = reverse("admin:conversations_escalation_changelist")
    waiting = Escalation.objects.filter(state=EscalationState.OPEN)
    oldest = waiting.order_by("created_at").first()
    taken = Escalation.objects.filter(state=EscalationState.TAKEN).count()
    number = waiting.count()
    note = (
        f"The longest wait is {in_words(now - oldest.created_at)}." if oldest else "Nobody waits."
    )
    return Card(
        "Waiting for a person",
        "support_agent",
        (
            Figure("waiting", str(number), f"{url}?state__exact=open", "warning" if number else ""),
            Figure("with an agent", str(taken), f"{url}?state__exact=taken"),
        ),
        note,
        url,
    )


def _answers(midnight: datetime) -> Card:
    url = reverse("admin:conversations_answer_changelist")
    questions = Message.objects.filter(kind=MessageKind.QUESTION, created_at__gte=midnight).count()
    made = Answer.objects.filter(created_at__gte=midnight)
    # What a paused bot did not answer was not looked for.
    rows = made.exclude(disposition="refuse", source="operator").values_list("disposition")
    by = dict(rows.order_by("disposition").annotate(Count("pk")))
    shown = (
        ("answer", "answered"),
        ("extract", "quoted"),
        ("clarify", "asked back"),
        ("refuse", "not found"),
        ("escalate", "to a person"),
    )
    figures = [Figure("questions", str(questions))]
    figures += [
        Figure(label, str(by.get(key, 0)), f"{url}?disposition={key}") for key, label in shown
    ]
    return Card("Questions today", "quickreply", tuple(figures), url=url)


def _feedback(midnight: datetime) -> Card:
    url = reverse("admin:conversations_feedback_changelist")
    count = Feedback.objects.filter(updated_at__gte=midnight).aggregate(
        good=Count("pk", filter=Q(rating=1)), bad=Count("pk", filter=Q(rating=-1))
    )
    return Card(
        "Feedback today",
        "thumbs_up_down",
        (
            Figure("helpful", str(count["good"]), f"{url}?rating__exact=1"),
            Figure("not helpful", str(count["bad"]), f"{url}?rating__exact=-1"),
        ),
        url=url,
    )


def _documents() -> Card:
    url = reverse("admin:knowledge_document_changelist")
    numbers = overview.numbers()
    figures = tuple(
        Figure(group.label.lower(), str(numbers[group.key]), f"{url}?state={group.key}", group.tone)
        for group in overview.GROUPS
        if numbers[group.key]
    )
    note = "" if figures else "There are no documents yet."
    return Card("Documents", "description", figures, note, url)


def _reviews(now: datetime) -> list[Card]:
    """Return the card about documents to review or about to expire; none when there are none."""
    due, soon = to_review(now), expiring(now)
    number, ending = due.count(), soon.count()
    if not number and not ending:
        return []
    url = reverse("admin:knowledge_document_changelist")
    rows = [
        Figure(document.title, f"to review since {document.review_by:%d %B %Y}", _page(document))
        for document in due[:MOST_ROWS]
    ]
    rows += [
        Figure(document.title, f"answers until {_local(document.valid_until)}", _page(document))
        for document in soon[:MOST_ROWS]
    ]
    what = "document" if number == 1 else "documents"
    return [
        Card(
            "Upkeep",
            "event_upcoming",
            (
                Figure(
                    f"{what} to review",
                    str(number),
                    f"{url}?review=due",
                    "warning" if number else "",
                ),
                Figure(
                    f"expire within {EXPIRY_NOTICE_DAYS} days",
                    str(ending),
                    f"{url}?valid=soon",
                ),
            ),
            rows=tuple(rows),
        )
    ]


def _page(document: Document) -> str:
    return reverse("admin:knowledge_document_change", args=[document.pk])


def _local(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d %B %Y, %H:%M}" if moment else ""


def _spending(now: datetime) -> Card:
    # The cap counts days in UTC (conversations/spending.py).
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    calls = LlmCall.objects.filter(created_at__gte=start)
    spent = LlmCall.objects.spent_usd_since(start)
    failed = calls.exclude(outcome="ok").count()
    unknown = calls.filter(outcome="ok", cost_usd=None).count()
    cap = Decimal(str(settings.LLM_DAILY_BUDGET_USD))
    note = f"The daily limit is {cap:.2f} USD (LLM_DAILY_BUDGET_USD)."
    if unknown:
        note += (
            f" {unknown} of the calls have no known price; each counts "
            f"{settings.LLM_ASSUMED_COST_USD:.2f} USD towards it."
        )
    alone = LeftAlone.objects.filter(until__gt=now)
    incidents = Incident.objects.filter(created_at__gte=start).count()
    url = reverse("admin:observability_llmcall_changelist")
    return Card(
        "Language model today (UTC)",
        "receipt_long",
        (
            Figure("USD spent", f"{spent:.2f}", "", "danger" if spent >= cap else ""),
            Figure("calls", str(calls.count()), url),
            Figure(
                "failed calls", str(failed), f"{url}?outcome=failed", "warning" if failed else ""
            ),
            Figure("incidents", str(incidents), reverse("admin:observability_incident_changelist")),
        ),
        note,
        url,
        tuple(_left_alone(row) for row in alone),
    )


def _left_alone(row: LeftAlone) -> Figure:
    until = timezone.localtime(row.until)
    return Figure(
        row.model,
        f"is not called until {until:%H:%M:%S}: {row.in_words}",
        reverse("admin:observability_incident_changelist"),
    )

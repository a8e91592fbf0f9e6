"""What follows when a person is asked for: customers and agents are told, e-mail is taken."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from conversations.actions import assigning
from conversations.actions.outbox import mail_works, plan, plan_mail
from conversations.actions.thread import append_notice, locked, tell_owner
from conversations.handoff import Outcome, outlook
from conversations.models import (
    Contact,
    Conversation,
    Escalation,
    EscalationReason,
    EscalationState,
    Message,
    Notice,
    NoticeKind,
    NoticeState,
    Presence,
    WorkingHours,
)
from conversations.queue_place import place_in

RUNNING = (EscalationState.OPEN, EscalationState.TAKEN)
# The waits that an expected one is read from.
RECENT_WAITS, RECENT_DAYS = 20, 7
RING_WINDOW = timedelta(hours=1)
# A customer who looks at the chat gets no mail: their browser tells every 25 s that they do.
REPLY_MAIL_AFTER = timedelta(seconds=60)


class TooManyRings(Exception):
    """This visitor has asked for a person too often; `retry_after_seconds` until it works again."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"retry after {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class EmailRefused(Exception):
    """The address cannot be taken; `code` makes the sentence (texts.ERRORS)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def hours_of(conversation: Conversation) -> WorkingHours | None:
    """Return the hours that count for a chat, its site's or everybody's; None: not known."""
    own = conversation.site.hours if conversation.site else None
    return own or WorkingHours.of_the_installation()


def recent_waits() -> list[timedelta]:
    """Return how long customers waited lately who asked while somebody was to be there."""
    since = timezone.now() - timedelta(days=RECENT_DAYS)
    taken = Escalation.objects.filter(
        created_at__gte=since, taken_at__isnull=False, back_at__isnull=True
    )
    rows = taken.order_by("-taken_at").values_list("created_at", "taken_at")[:RECENT_WAITS]
    return [end - start for start, end in rows if end is not None]


def count_ring(conversation: Conversation) -> None:
    """See whether this visitor may ask for a person again. Raises TooManyRings."""
    now = timezone.now()
    asked = Escalation.objects.filter(
        conversation__visitor=conversation.visitor_id,
        reason=EscalationReason.REQUESTED,
        created_at__gt=now - RING_WINDOW,
    )
    times = list(asked.order_by("-created_at").values_list("created_at", flat=True))
    limit = settings.VISITOR_RINGS_PER_HOUR
    if len(times) >= limit:
        left = times[limit - 1] + RING_WINDOW - now
        raise TooManyRings(max(1, int(left.total_seconds())))


def rings_too_often(conversation: Conversation) -> bool:
    """Say whether this visitor has asked for a person as often as they may."""
    try:
        count_ring(conversation)
    except TooManyRings:
        return True
    return False


def begin(escalation: Escalation, conversation: Conversation) -> None:
    """Tell the customer what to expect and have agents told; the conversation must be locked."""
    now = timezone.now()
    team = conversation.team
    present = Presence.objects.here(now).count()
    hours = hours_of(conversation)
    found = outlook(
        present=present,
        schedule=hours.schedule() if hours else None,
        waits=recent_waits() if present else (),
        place=place_in(conversation.team_id, escalation),
        now=now,
    )
    escalation.expected_wait, escalation.back_at = found.wait, found.back_at
    contact = Contact.objects.filter(conversation=conversation).exists()
    escalation.outcome = Outcome.EMAIL_TAKEN if contact else Outcome.QUEUED
    escalation.save(update_fields=["expected_wait", "back_at", "outcome"])
    if found.code:
        append_notice(conversation, found.code, **found.values)
    if settings.HANDOFF_WEBHOOK_URL:
        plan(NoticeKind.HANDOFF_WEBHOOK, escalation)
    if not (assigning.present_in(team, now) if team else present):
        plan_mail(NoticeKind.HANDOFF_MAIL, escalation)


def acknowledge(escalation: Escalation) -> None:
    """An agent has it: nobody else needs to be told any more. Saves nothing of the escalation."""
    escalation.outcome = Outcome.ACKNOWLEDGED
    mails = (NoticeKind.HANDOFF_MAIL, NoticeKind.LATE_MAIL)
    if escalation.pk:
        waiting = escalation.notices.filter(state=NoticeState.WAITING, kind__in=mails)
        waiting.update(state=NoticeState.DROPPED)


@transaction.atomic
def take_email(conversation_id: uuid.UUID, email: str) -> None:
    """Keep the address that a customer leaves; the replies go there too. Raises EmailRefused."""
    email = email.strip()
    if not mail_works():
        raise EmailRefused("no_mail")
    try:
        validate_email(email)
    except ValidationError:
        raise EmailRefused("bad_email") from None
    conversation = locked(conversation_id)
    known = Contact.objects.filter(conversation=conversation).first()
    if known is not None and known.email == email:
        return
    values = {"email": email, "seen_at": timezone.now()}
    Contact.objects.update_or_create(conversation=conversation, defaults=values)
    running = conversation.escalations.filter(state__in=RUNNING)
    running.exclude(outcome=Outcome.ACKNOWLEDGED).update(outcome=Outcome.EMAIL_TAKEN)
    append_notice(conversation, "email_taken", email=email)
    tell_owner(conversation)


def seen(conversation_id: uuid.UUID) -> None:
    """Note that the customer looks at the chat now; only of interest when they left an address."""
    contact = Contact.objects.filter(conversation=conversation_id)
    if contact.exists():
        contact.update(seen_at=timezone.now())


def plan_reply_mail(conversation: Conversation, reply: Message) -> None:
    """Have an agent's reply mailed unless the customer sees it first; further ones go with it."""
    if not mail_works() or not Contact.objects.filter(conversation=conversation).exists():
        return
    kind = NoticeKind.REPLY_MAIL
    if not conversation.notices.filter(kind=kind, state=NoticeState.WAITING).exists():
        Notice.objects.create(
            kind=kind,
            conversation=conversation,
            message=reply,
            next_at=timezone.now() + REPLY_MAIL_AFTER,
        )

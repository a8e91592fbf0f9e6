"""Waits that will miss their target, and handoffs that reached nobody: looked for all the time."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from conversations.actions.escalations import give_up, release
from conversations.actions.outbox import AT_ONCE, FAILURES_TO_TELL, plan_mail
from conversations.actions.thread import append_notice, locked
from conversations.handoff import Outcome
from conversations.models import (
    Conversation,
    DeskAct,
    DeskVerb,
    Escalation,
    EscalationState,
    Message,
    MessageRole,
    Notice,
    NoticeKind,
    NoticeState,
    Presence,
)
from conversations.models.escalation import waiting_target, without_reply
from conversations.ownership import Owner
from conversations.waiting import WARN_FROM
from observability.models import Incident

# So long a handoff may be without anybody told before it counts as failed.
TELL_WITHIN = timedelta(seconds=60)


def warn_of_waits() -> int:
    """Note the waits that will soon miss their target, and write to agents; return how many."""
    before = timezone.now() - waiting_target() * WARN_FROM
    late = Escalation.objects.filter(
        Q(back_at__isnull=True) | Q(back_at__lte=before),
        state=EscalationState.OPEN,
        warned_at__isnull=True,
        created_at__lte=before,
    )
    warned = 0
    for escalation in late.select_related("conversation")[:AT_ONCE]:
        with transaction.atomic():
            open_still = Escalation.objects.filter(
                pk=escalation.pk, state=EscalationState.OPEN, warned_at__isnull=True
            )
            if open_still.update(warned_at=timezone.now()):
                warned += 1
                plan_mail(NoticeKind.LATE_MAIL, escalation)
    return warned


def give_up_left_chats() -> int:
    """Take chats from agents whose account is gone or switched off; return how many."""
    gone = Q(agent__isnull=True) | Q(agent__is_active=False)
    left = Conversation.objects.filter(gone, owner=Owner.AGENT).values_list("pk", flat=True)
    return sum(give_up(pk) for pk in list(left[:AT_ONCE]))


def release_left_waiting() -> int:
    """Have chats wait for others whose agent is not at the desk while the customer waits too long.

    Return how many.
    """
    now = timezone.now()
    written = Message.objects.filter(conversation=OuterRef("pk"))
    last_reply = written.filter(role=MessageRole.AGENT).order_by("-seq").values("seq")[:1]
    unanswered = written.filter(
        role=MessageRole.CUSTOMER,
        seq__gt=Coalesce(OuterRef("replied_seq"), 0),
        created_at__lte=now - waiting_target(),
    )
    unheard = Escalation.objects.filter(
        without_reply(),
        conversation=OuterRef("pk"),
        state=EscalationState.TAKEN,
        created_at__lte=now - waiting_target(),
    )
    recent = now - waiting_target()
    taken = Escalation.objects.filter(conversation=OuterRef("pk"), taken_at__gt=recent)
    done = DeskAct.objects.filter(conversation=OuterRef("pk"), created_at__gt=recent)
    left = (
        Conversation.objects.filter(owner=Owner.AGENT, agent__isnull=False)
        .exclude(agent__in=Presence.objects.here(now).values("user"))
        .exclude(desk__snoozed_until__gt=now)
        .annotate(replied_seq=Subquery(last_reply))
        .filter(Exists(unanswered) | Exists(unheard), ~Exists(taken), ~Exists(done))
    )
    rows = list(left.values_list("pk", "agent")[:AT_ONCE])
    return sum(_release(pk, agent) for pk, agent in rows)


@transaction.atomic
def _release(conversation_id: uuid.UUID, agent_id: int | None) -> int:
    conversation = locked(conversation_id)
    if conversation.agent_id != agent_id or not release(conversation_id):
        return 0
    DeskAct.objects.create(conversation_id=conversation_id, agent_id=agent_id, verb=DeskVerb.LEFT)
    return 1


def note_failed_handoffs() -> int:
    """Find customers who wait while nobody is there and nobody was told; return how many."""
    now = timezone.now()
    queued = Escalation.objects.filter(
        state=EscalationState.OPEN, outcome=Outcome.QUEUED, created_at__lte=now - TELL_WITHIN
    )
    if not queued.exists() or Presence.objects.here(now).exists():
        return 0
    hopeful = Q(state=NoticeState.SENT) | Q(
        state=NoticeState.WAITING, failures__lt=FAILURES_TO_TELL
    )
    told = Notice.objects.filter(hopeful, escalation__isnull=False).values("escalation")
    failed = 0
    for escalation in queued.exclude(pk__in=told).select_related("conversation")[:AT_ONCE]:
        failed += _fail(escalation.pk, escalation.conversation_id)
    return failed


@transaction.atomic
def _fail(escalation_id: int, conversation_id: uuid.UUID) -> int:
    conversation = locked(conversation_id)
    still = Escalation.objects.filter(
        pk=escalation_id, state=EscalationState.OPEN, outcome=Outcome.QUEUED
    )
    if not still.update(outcome=Outcome.FAILED):
        return 0
    Incident.objects.create(
        kind="handoff_failed",
        detail="A customer waits for a person; nobody is at the desk and no agent could be told. "
        "See Escalations, and set up e-mail or a webhook.",
        conversation_id=conversation_id,
    )
    if conversation.owner == Owner.WAITING:
        append_notice(conversation, "nobody_told")
    return 1

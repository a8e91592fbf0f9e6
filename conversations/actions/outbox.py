"""The outbox: notices are planned with what they tell of, claimed by time, and end as one thing."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from django.utils import timezone

from conversations.actions.assigning import colleagues
from conversations.models import Conversation, Escalation, Notice, NoticeKind, NoticeState, Presence
from conversations.protocol import DUMMY_MAIL
from observability.models import Incident

logger = logging.getLogger(__name__)
AT_ONCE = 20
# An attempt that has not ended by then is made again: the longest one takes 10 s a step.
LEASE = timedelta(seconds=90)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(minutes=15)
# A mail server that is down over a long weekend loses nothing.
GIVE_UP_AFTER = timedelta(days=4)
FAILURES_TO_TELL = 3


def mail_works() -> bool:
    """Say whether mail leaves the house at all (EMAIL_URL)."""
    return str(settings.EMAIL_BACKEND) != DUMMY_MAIL


def agents_to_write_to() -> QuerySet[User]:
    """Return the agents who have an e-mail address."""
    return colleagues().exclude(email="").order_by("pk")


def agents_for(conversation: Conversation) -> QuerySet[User]:
    """Return who of them is written to about a chat: its team while others are at the desk.

    With nobody there at all, or nobody of the team to be written to, it is everybody.
    """
    everybody = agents_to_write_to()
    team = everybody.filter(desk_teams=conversation.team_id) if conversation.team_id else None
    if team is None or not team.exists() or not Presence.objects.here().exists():
        return everybody
    return team


def plan_mail(kind: NoticeKind, escalation: Escalation) -> None:
    """Have agents written to, once for each kind and request; nothing where no mail can go."""
    if mail_works() and agents_to_write_to().exists():
        plan(kind, escalation)


def plan(kind: NoticeKind, escalation: Escalation) -> None:
    """Put a notice of a request into the outbox, once for each kind."""
    Notice.objects.get_or_create(
        kind=kind, escalation=escalation, defaults={"conversation": escalation.conversation}
    )


def claim_due() -> list[tuple[uuid.UUID, int]]:
    """Take the notices whose time has come; return each with the number that fences its attempt."""
    now = timezone.now()
    taken = []
    for pk, rung in Notice.objects.due(now).values_list("pk", "rung")[:AT_ONCE]:
        mine = Notice.objects.filter(pk=pk, rung=rung, state=NoticeState.WAITING)
        if mine.update(rung=F("rung") + 1, next_at=now + LEASE):
            taken.append((pk, rung + 1))
    return taken


def held(pk: uuid.UUID, rung: int) -> Notice | None:
    """Return a claimed notice, or None when this attempt is no longer the one that counts."""
    waiting = Notice.objects.filter(pk=pk, rung=rung, state=NoticeState.WAITING)
    return waiting.select_related("conversation", "escalation", "message").first()


def end(notice: Notice, state: NoticeState) -> None:
    """Note that a notice was sent or is no longer needed."""
    notice.state, notice.last_error = state, ""
    notice.sent_at = timezone.now() if state == NoticeState.SENT else None
    notice.email = ""
    notice.save(update_fields=["state", "sent_at", "last_error", "email"])


def fail(notice: Notice, error: str) -> None:
    """Try again later; tell operators after a few failures, and when it is given up."""
    now = timezone.now()
    notice.failures += 1
    notice.last_error = error[:500]
    notice.next_at = now + retry_after(notice.failures)
    if now - notice.created_at > GIVE_UP_AFTER:
        notice.state, notice.email = NoticeState.FAILED, ""
    notice.save(update_fields=["failures", "last_error", "next_at", "state", "email"])
    logger.warning("notice.failed", extra={"notice": str(notice.pk), "failures": notice.failures})
    if notice.state == NoticeState.FAILED:
        _tell("notice_given_up", notice, now)
    elif notice.failures == FAILURES_TO_TELL:
        _tell("notice_not_sent", notice, now)


def retry_after(failures: int) -> timedelta:
    """Return the pause after so many failures: doubled each time, up to a quarter of an hour."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(LONGEST_RETRY, FIRST_RETRY * doubled)


def _tell(kind: str, notice: Notice, now: datetime) -> None:
    goes_on = "It is tried again" if kind == "notice_not_sent" else "It is not tried again"
    Incident.objects.create(
        kind=kind,
        detail=f"{notice.get_kind_display()}: {notice.last_error} {goes_on}."[:500],
        conversation_id=notice.conversation_id,
        message_id=notice.message_id,
    )

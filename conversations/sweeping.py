"""Keeps the promise of one final reply, from the database alone. Works while the broker is down."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from conversations.actions import attachments
from conversations.actions.handoff_watch import (
    give_up_left_chats,
    note_failed_handoffs,
    release_left_waiting,
    warn_of_waits,
)
from conversations.actions.messages import record_reply, seize
from conversations.actions.outbox import claim_due
from conversations.actions.thread import DEADLINE_SECONDS
from conversations.handover import handover_reply
from conversations.models import Message, MessageState
from conversations.protocol import place_frame
from conversations.queue_place import places
from conversations.ringing import ring, ring_to_deliver
from conversations.streaming import publish
from observability.models import Incident

logger = logging.getLogger(__name__)
# A question that still waits after this has probably lost its ring.
PATIENCE_SECONDS = 3.0
AT_ONCE = 50
FILES_SECONDS = 600.0
_files_swept: float | None = None
# What this process told last; what it does not know of it tells again.
_told_places: dict[uuid.UUID, int] = {}


def sweep_once() -> int:
    """Ring again for questions that wait, hand over those past their deadline; return how many."""
    now = timezone.now()
    overdue = Message.objects.open_questions().filter(deadline_at__lt=now)[:AT_ONCE]
    handed = sum(_hand_over(message) for message in overdue)
    lost = Q(state=MessageState.PENDING, created_at__lt=now - timedelta(seconds=PATIENCE_SECONDS))
    expired = Q(state=MessageState.CLAIMED, lease_until__lt=now)
    waiting = Message.objects.open_questions().filter(lost | expired)
    rung = list(waiting.order_by("created_at").values_list("pk", flat=True)[:AT_ONCE])
    for pk in rung:
        ring(pk)
    return handed + len(rung)


def sweep_handoffs() -> int:
    """Look after requests for a person and send what is due; return how much there was to do."""
    found = give_up_left_chats() + release_left_waiting()
    found += warn_of_waits() + note_failed_handoffs()
    due = claim_due()
    for pk, rung in due:
        ring_to_deliver(pk, rung)
    return found + len(due)


def sweep_places() -> int:
    """Tell customers who wait when their place in the queue has changed; return how many."""
    now = places()
    changed = {pk: place for pk, place in now.items() if _told_places.get(pk) != place}
    # Taken, taken back, or nobody is at the desk any more.
    changed.update(dict.fromkeys(_told_places.keys() - now.keys(), 0))
    _told_places.clear()
    _told_places.update(now)
    for pk, place in changed.items():
        publish(pk, place_frame(place))
    return len(changed)


def sweep_files() -> int:
    """Drop files that nobody sent and those of chats that are gone, now and then."""
    global _files_swept
    now = time.monotonic()
    if _files_swept is not None and now - _files_swept < FILES_SECONDS:
        return 0
    _files_swept = now
    return attachments.sweep()


def void_leases() -> int:
    """Make everything claimable with a new deadline. Only for a start with no worker alive."""
    deadline = timezone.now() + timedelta(seconds=DEADLINE_SECONDS)
    return Message.objects.open_questions().update(
        state=MessageState.PENDING, lease_until=None, shown_at=None, deadline_at=deadline
    )


def _hand_over(message: Message) -> int:
    attempt = seize(message.pk)
    if attempt is None:
        return 0
    if record_reply(message.pk, attempt, handover_reply(error="deadline passed")) is None:
        return 0
    Incident.objects.create(
        kind="deadline_passed",
        detail="No worker answered in time; a person was asked.",
        conversation_id=message.conversation_id,
        message_id=message.pk,
    )
    return 1

"""Which in the queue a customer is who waits for a person; told only while somebody is there."""

from __future__ import annotations

import uuid
from collections import Counter

from conversations.models import Conversation, Escalation, EscalationState, Presence
from conversations.ownership import Owner


def place_of(conversation: Conversation) -> int:
    """Return a chat's place in the queue as it is now; 0 when there is none to tell."""
    if conversation.owner != Owner.WAITING or not Presence.objects.here().exists():
        return 0
    waiting = conversation.escalations.filter(state=EscalationState.OPEN).first()
    return place_in(conversation.team_id, waiting) if waiting else 0


def place_in(team_id: int | None, escalation: Escalation) -> int:
    """Return which this request is; who asked before for the same people is ahead."""
    open_ones = Escalation.objects.filter(
        state=EscalationState.OPEN,
        created_at__lt=escalation.created_at,
        conversation__team=team_id,
    )
    return open_ones.exclude(pk=escalation.pk).count() + 1


def places() -> dict[uuid.UUID, int]:
    """Return the place of every chat that waits; none while nobody is at the desk."""
    waiting = Escalation.objects.filter(state=EscalationState.OPEN).order_by("created_at")
    rows = list(waiting.values_list("conversation", "conversation__team"))
    if not rows or not Presence.objects.here().exists():
        return {}
    ahead: Counter[int | None] = Counter()
    found = {}
    for conversation, team in rows:
        ahead[team] += 1
        found[conversation] = ahead[team]
    return found

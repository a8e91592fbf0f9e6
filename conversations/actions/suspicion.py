"""What follows from messages that read like orders to the assistant. Nobody is blocked.

Three distinct ones within 24 hours by the same visitor, whose address is kept with it: for 24 hours
no model writes to this visitor. Documents are quoted, a person is reachable, an agent can undo it.
"""

from __future__ import annotations

import re
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from conversations.answering.input_guard import SUSPECTED
from conversations.answering.values import Reply
from conversations.models import Message, Visitor
from conversations.recording import About, record_incident
from observability.models import Incident

RESTRICTED = "visitor_quotes_only"
LEAKS = {"canary_leaked", "prompt_repeated", "secret_leaked"}
WINDOW = timedelta(hours=24)
DISTINCT_MESSAGES = 3
# The threshold of suspicion is 1.0; weak signals alone do not count against anybody.
HIGH_SCORE = 1.5


def note_suspicion(question: Message, reply: Reply) -> None:
    """Store the incidents of a suspicious message or draft, and see whether they are too many."""
    about = About(question.conversation_id, question.pk)
    for finding in reply.findings:
        if finding.code in LEAKS:
            record_incident(finding.code, reply.model, about)
        if finding.code == SUSPECTED and float(finding.detail) >= HIGH_SCORE:
            record_incident(SUSPECTED, f"{finding.detail} {_fingerprint(question.text)}", about)
            _restrict_if_repeated(question.conversation.visitor, about)


@transaction.atomic
def forgive(visitor: Visitor) -> None:
    """Let models write to a visitor again; what was said before counts no longer."""
    visitor.quotes_only_until, visitor.forgiven_at = None, timezone.now()
    visitor.save(update_fields=["quotes_only_until", "forgiven_at"])


def quotes_only(visitor: Visitor) -> bool:
    """Say whether documents are quoted to a visitor and no model writes."""
    return visitor.quotes_only_until is not None and visitor.quotes_only_until > timezone.now()


def _restrict_if_repeated(visitor: Visitor, about: About) -> None:
    now = timezone.now()
    since = max(now - WINDOW, visitor.forgiven_at or now - WINDOW)
    chats = visitor.conversations.values_list("pk", flat=True)
    details = Incident.objects.filter(
        kind=SUSPECTED, created_at__gt=since, conversation_id__in=list(chats)
    ).values_list("detail", flat=True)
    if len({detail.split()[-1] for detail in details}) < DISTINCT_MESSAGES or quotes_only(visitor):
        return
    visitor.quotes_only_until = now + WINDOW
    visitor.save(update_fields=["quotes_only_until"])
    record_incident(RESTRICTED, "three suspicious messages in 24 hours", about)


def _fingerprint(text: str) -> str:
    """Return what tells messages apart without keeping their words."""
    return sha256(re.sub(r"\W+", " ", text).casefold().strip().encode()).hexdigest()[:16]

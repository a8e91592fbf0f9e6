"""The decision that a person is needed, and how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from conversations.handoff import Outcome
from conversations.models.conversation import Conversation
from conversations.models.message import Message, MessageRole
from conversations.waiting import Urgency, urgency


class EscalationReason(models.TextChoices):
    """Why a person is needed. A fixed set."""

    REQUESTED = "requested", "The customer asked for a person"
    RULE = "rule", "A rule sends this to a person"
    NOT_FOUND = "not_found", "The documents do not say"
    LOW_CONFIDENCE = "low_confidence", "The bot was unsure"
    SENSITIVE = "sensitive", "A sensitive topic"
    TOPIC = "topic", "A topic that always goes to a person"
    INCIDENT = "incident", "The banner about an incident asks for a person"
    FAILURE = "failure", "The bot could not answer in time"
    GUARD = "guard", "A safety check held the answer back"
    PASSED_ON = "passed_on", "The agent who had it passed it on or is away"


class EscalationState(models.TextChoices):
    """Where an escalation stands."""

    OPEN = "open", "Waiting for a person"
    TAKEN = "taken", "A person has it"
    RESOLVED = "resolved", "Resolved"
    WITHDRAWN = "withdrawn", "Withdrawn by the customer"


OUTCOMES = {
    Outcome.QUEUED: "In the queue",
    Outcome.ACKNOWLEDGED: "An agent has seen it",
    Outcome.EMAIL_TAKEN: "The reply goes out by e-mail too",
    Outcome.FAILED: "Nobody could be told",
}


class Escalation(models.Model):
    """One request for a person. A conversation has at most one that is not ended."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="escalations"
    )
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL)
    reason = models.CharField(max_length=20, choices=EscalationReason)
    state = models.CharField(
        max_length=10, choices=EscalationState, default=EscalationState.OPEN, db_index=True
    )
    summary = models.CharField(max_length=1000, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolution = models.CharField(max_length=1000, blank=True)
    outcome = models.CharField(
        max_length=12,
        choices=[(outcome.value, label) for outcome, label in OUTCOMES.items()],
        default=Outcome.QUEUED,
    )
    expected_wait = models.DurationField(
        null=True, blank=True, help_text="What the customer was told; empty: nothing was promised"
    )
    back_at = models.DateTimeField(
        null=True, blank=True, help_text="When somebody is back, for a request outside the hours"
    )
    warned_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_seq = models.PositiveIntegerField(
        null=True, blank=True, help_text="The last message there was when it ended"
    )

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(state__in=["open", "taken"]),
                name="one_running_escalation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.get_state_display()})"

    @property
    def waits_since(self) -> datetime:
        """Return when the wait begins: outside the hours, when somebody is back."""
        return max(self.created_at, self.back_at or self.created_at)

    def urgency(self, now: datetime | None = None) -> Urgency:
        """Say how the wait stands to WAITING_TARGET_MINUTES; what was taken in time is fine."""
        until = self.taken_at or self.ended_at or now or timezone.now()
        return urgency(until - self.waits_since, waiting_target())


def without_reply() -> Q:
    """Match open requests, and those taken since whose making no agent has written anything."""
    replies = Message.objects.filter(
        conversation=OuterRef("conversation"),
        role=MessageRole.AGENT,
        created_at__gt=OuterRef("created_at"),
    )
    return Q(Q(state=EscalationState.OPEN) | ~Exists(replies))


def waiting_target() -> timedelta:
    """Return how long a customer shall wait at most."""
    return timedelta(minutes=settings.WAITING_TARGET_MINUTES)

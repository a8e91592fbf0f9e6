"""Letters and calls that are to leave the house, and where a customer can be written to."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.conversation import Conversation
from conversations.models.escalation import Escalation
from conversations.models.message import Message


class Contact(models.Model):
    """The address that a customer left in one chat. `seen_at`: when they last looked at it."""

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="contact"
    )
    email = models.EmailField()
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.email


class NoticeKind(models.TextChoices):
    """What a notice is."""

    HANDOFF_MAIL = "handoff_mail", "E-mail to agents: a customer waits"
    LATE_MAIL = "late_mail", "E-mail to agents: a wait will miss its target"
    HANDOFF_WEBHOOK = "handoff_webhook", "Webhook: a customer waits"
    REPLY_MAIL = "reply_mail", "E-mail to the customer: the reply"
    TRANSCRIPT_MAIL = "transcript_mail", "E-mail to the customer: the chat"


class NoticeState(models.TextChoices):
    """Where a notice stands."""

    WAITING = "waiting", "To be sent"
    SENT = "sent", "Sent"
    DROPPED = "dropped", "No longer needed"
    FAILED = "failed", "Given up"


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The outbox."""

    def due(self, now: datetime | None = None) -> NoticeQuerySet:
        """Return those whose time has come, the oldest first."""
        waiting = self.filter(state=NoticeState.WAITING, next_at__lte=now or timezone.now())
        return waiting.order_by("next_at")


class Notice(models.Model):
    """One row of the outbox. The row is the queue: what is not sent is tried again for days.

    `rung` fences attempts, as the attempt number does for questions.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=NoticeKind)
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.WAITING)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notices")
    escalation = models.ForeignKey(
        Escalation, null=True, on_delete=models.CASCADE, related_name="notices"
    )
    message = models.ForeignKey(
        Message, null=True, on_delete=models.CASCADE, help_text="The first reply that it carries"
    )
    email = models.EmailField(blank=True, help_text="Where the chat is to be sent; gone with it")
    language = models.CharField(max_length=5, blank=True, help_text="Of the letter's own words")
    next_at = models.DateTimeField(default=timezone.now)
    rung = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "escalation"], name="one_notice_per_handoff"),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(kind="reply_mail", state="waiting"),
                name="one_waiting_reply_mail",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="waiting_notices")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

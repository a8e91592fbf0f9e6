"""A stored message. Those that wait for a reply are the work queue."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models.conversation import Conversation
from knowledge.compiled_query import CompiledUpdate


class MessageRole(models.TextChoices):
    """Who wrote it. The agent is always the human."""

    CUSTOMER = "customer", "Customer"
    ASSISTANT = "assistant", "Assistant"
    AGENT = "agent", "Agent"
    SYSTEM = "system", "System"


class MessageKind(models.TextChoices):
    """What it is for. Each answered question has exactly one `final`."""

    QUESTION = "question", "Question"
    FINAL = "final", "Final reply"
    REPLY = "reply", "Reply of a person"
    NOTICE = "notice", "Notice"


class MessageState(models.TextChoices):
    """Where a question stands; other kinds are `done` from the start."""

    PENDING = "pending", "Waiting"
    CLAIMED = "claimed", "Being answered"
    DONE = "done", "Answered"
    MERGED = "merged", "Answered with a later message"
    FOR_AGENT = "for_agent", "For a person"
    STOPPED = "stopped", "Stopped by the customer"


OPEN_STATES = (MessageState.PENDING, MessageState.CLAIMED)


class MessageQuerySet(models.QuerySet["Message"]):
    """The queue's questions."""

    def open_questions(self) -> MessageQuerySet:
        """Return questions that still need a final reply."""
        return self.filter(kind=MessageKind.QUESTION, state__in=OPEN_STATES)

    def claimable(self, now: datetime) -> MessageQuerySet:
        """Return questions nobody works on: pending, or claimed with a lease that ran out."""
        return self.open_questions().filter(Q(state=MessageState.PENDING) | Q(lease_until__lt=now))

    def claim(self, question: Message, now: datetime, lease_seconds: float) -> bool:
        """Take one question for this worker by compare-and-swap; say whether it is ours.

        The attempt number goes up with each claim; the final write must carry it.
        """
        attempt, lease_until = question.attempt + 1, now + timedelta(seconds=lease_seconds)
        taken = _claimed.run(
            pk=question.pk,
            held=question.attempt,
            now=now,
            attempt=attempt,
            lease_until=lease_until,
        )
        if taken:
            question.state, question.attempt = MessageState.CLAIMED, attempt
            question.lease_until = lease_until
        return bool(taken)

    def renew(self, pk: uuid.UUID, attempt: int, now: datetime, lease_seconds: float) -> bool:
        """Prolong this worker's lease; False means that another worker has taken over."""
        held = self.filter(pk=pk, attempt=attempt, state=MessageState.CLAIMED)
        return bool(held.update(lease_until=now + timedelta(seconds=lease_seconds)))


class Message(models.Model):
    """One row of a conversation; `seq` orders it and never has gaps within a conversation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    seq = models.PositiveIntegerField()
    client_msg_id = models.UUIDField(
        null=True, blank=True, help_text="Made by the sender; makes sending repeatable"
    )
    role = models.CharField(max_length=10, choices=MessageRole)
    kind = models.CharField(max_length=10, choices=MessageKind)
    text = models.TextField()
    code = models.CharField(
        max_length=60, blank=True, help_text="Message code of a notice, rendered at the edge"
    )
    values = models.JSONField(
        default=dict, blank=True, help_text="What the sentence of a notice's code holds"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reply_to = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replies"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
    state = models.CharField(max_length=10, choices=MessageState, default=MessageState.DONE)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(null=True, blank=True)
    shown_at = models.DateTimeField(
        null=True, blank=True, help_text="When the customer first saw a part of the answer"
    )
    attachment_count = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="Files sent along; most messages have none, and then none are read",
    )
    edited_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(
        null=True, blank=True, help_text="Taken back by its author; its text is gone"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["conversation", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="one_message_per_seq"),
            models.UniqueConstraint(
                fields=["conversation", "client_msg_id"], name="one_message_per_client_id"
            ),
            models.UniqueConstraint(
                fields=["reply_to"], condition=Q(kind="final"), name="one_final_per_question"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=["pending", "claimed"]),
                name="open_questions",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.seq}"


_claimed = CompiledUpdate(
    lambda pk, held, now, attempt, lease_until: (
        Message.objects.claimable(now).filter(pk=pk, attempt=held),
        {"state": MessageState.CLAIMED, "attempt": attempt, "lease_until": lease_until},
    ),
    pk=models.UUIDField(),
    held=models.IntegerField(),
    now=models.DateTimeField(),
    attempt=models.IntegerField(),
    lease_until=models.DateTimeField(),
)

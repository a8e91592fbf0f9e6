"""What agents add to a conversation. No row of these ever reaches a customer or a prompt."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from conversations.models.answer import Answer
from conversations.models.conversation import Conversation, Visitor
from knowledge.models import Audience


class Priority(models.IntegerChoices):
    """How much a conversation presses; higher ones stand first in a queue."""

    NORMAL = 0, "Normal"
    HIGH = 1, "High"
    URGENT = 2, "Urgent"


class Tag(models.Model):
    """A word that agents sort conversations by."""

    name = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeskState(models.Model):
    """How the desk has sorted one conversation; without a row: as usual, not snoozed, no tags."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, primary_key=True, related_name="desk"
    )
    priority = models.SmallIntegerField(choices=Priority, default=Priority.NORMAL)
    snoozed_until = models.DateTimeField(null=True, blank=True, db_index=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="states")

    def __str__(self) -> str:
        return f"{self.get_priority_display()}, {self.conversation_id}"


class Note(models.Model):
    """A private note of an agent about a conversation. Customers never see one."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField(max_length=4000)
    after_seq = models.PositiveIntegerField(
        help_text="The last message there was when it was written"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Note {self.pk}"


class CannedReply(models.Model):
    """A text that agents put into their reply with a slash and its shortcut."""

    shortcut = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"^[\w-]+$", "Use letters, digits, - and _ only.")],
        help_text="Typed after a slash, such as hours for /hours",
    )
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=4000, help_text="Markdown works")
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["shortcut"]
        verbose_name_plural = "canned replies"

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class DeskVerb(models.TextChoices):
    """What an agent did."""

    TAKE = "take", "took over"
    REPLY = "reply", "replied"
    NOTE = "note", "wrote a note"
    HAND_BACK = "hand_back", "returned it to the assistant"
    ASSIGN = "assign", "assigned it"
    TRANSFER = "transfer", "transferred it"
    TEAM = "team", "gave it to a team"
    GIVEN = "given", "was given it"
    LEFT = "left", "was away, so it went back to the queue"
    SNOOZE = "snooze", "snoozed it"
    WAKE = "wake", "ended the snooze"
    RESOLVE = "resolve", "resolved it"
    PRIORITY = "priority", "set the priority"
    TAG = "tag", "changed the tags"
    EDIT = "edit", "edited a reply"
    WITHDRAW = "withdraw", "withdrew a reply"
    BLOCK = "block", "blocked the customer"
    UNBLOCK = "unblock", "unblocked the customer"
    DRAFT = "draft", "asked for a draft"
    FLAG = "flag", "flagged an answer"
    FAQ = "faq", "made a FAQ entry"
    SAME = "same", "merged two customers at the desk"
    NOT_SAME = "not_same", "parted two customers again"
    SENT_INTERNAL = "internal", "confirmed words of an internal source"


class DeskAct(models.Model):
    """The audit trail: one row for each act. `before` is a reply's text before it was changed."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="acts")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    verb = models.CharField(max_length=10, choices=DeskVerb, db_index=True)
    detail = models.CharField(max_length=300, blank=True)
    message = models.UUIDField(null=True, blank=True)
    before = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "act at the desk"
        verbose_name_plural = "acts at the desk"

    def __str__(self) -> str:
        return f"{self.agent} {self.get_verb_display()}"


class Block(models.Model):
    """A visitor whose messages are refused."""

    class Reason(models.TextChoices):
        """Why."""

        SPAM = "spam", "Spam"
        ABUSE = "abuse", "Abuse"

    visitor = models.OneToOneField(
        Visitor, on_delete=models.CASCADE, primary_key=True, related_name="block"
    )
    reason = models.CharField(max_length=10, choices=Reason)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.visitor}: {self.get_reason_display()}"


class DeskDraft(models.Model):
    """A draft from the documents that an agent was shown. `sources`: what it rests on.

    Each source says whether the customer may read it (`internal` when not).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="drafts")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    sources = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Draft {str(self.id)[:8]}"


class AnswerFlag(models.Model):
    """An agent says that an answer should be looked at, perhaps become a FAQ entry."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="flag")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    comment = models.CharField(max_length=1000, blank=True)
    entry = models.ForeignKey(
        "knowledge.FaqEntry", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "flagged answer"

    def __str__(self) -> str:
        return f"Flag on {self.answer}"


class AgentReaders(models.Model):
    """Whose documents an agent's drafts may rest on; without a row: public and internal."""

    agent = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="readers",
    )
    audiences = models.ManyToManyField(Audience, blank=True)

    class Meta:
        verbose_name = "agent's readers"
        verbose_name_plural = "agents' readers"

    def __str__(self) -> str:
        return f"Readers of {self.agent}"

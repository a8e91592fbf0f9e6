"""What is known of a visit besides its words: the page, how it ended, what was reported."""

from __future__ import annotations

from django.db import models

from conversations.models.conversation import Conversation
from conversations.models.message import Message


class PageContext(models.Model):
    """Where the customer is, and what the page says of them. Nothing here is verified."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="page_context"
    )
    page_url = models.CharField(max_length=2000, blank=True)
    page_title = models.CharField(max_length=300, blank=True)
    values = models.JSONField(default=dict, blank=True, help_text="What the page set: name, text")
    said_name = models.CharField(max_length=120, blank=True)
    said_email = models.CharField(max_length=254, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.page_url or "no page"


class ChatRating(models.Model):
    """Whether a chat solved the question, as the customer says. Sending it again changes it."""

    STARS = [(number, str(number)) for number in range(1, 6)]

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="chat_rating"
    )
    solved = models.BooleanField()
    stars = models.PositiveSmallIntegerField(null=True, blank=True, choices=STARS)
    comment = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return "Solved" if self.solved else "Not solved"


class ProblemReport(models.Model):
    """Something in a chat that a person should look at."""

    class Kind(models.TextChoices):
        """What is reported."""

        HARMFUL = "harmful", "Harmful or offensive"
        PRIVATE = "private", "Somebody's private data"
        WRONG = "wrong", "Wrong or misleading"
        BROKEN = "broken", "The chat does not work"
        OTHER = "other", "Something else"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reports")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "reported problem"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return str(self.get_kind_display())

"""What was said in a conversation's older turns, in short."""

from __future__ import annotations

from django.db import models

from conversations.models.conversation import Conversation


class ConversationSummary(models.Model):
    """The last summary; it goes with its conversation. It covers the turns up to `until_seq`.

    `rests_on` are the documents of the replies in it, "" for one that must not leave this machine:
    what may be sent where is decided when it is used.
    """

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="summary"
    )
    text = models.TextField()
    until_seq = models.PositiveIntegerField()
    rests_on = models.JSONField(default=list)
    prompt_version = models.CharField(max_length=60)
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"up to {self.until_seq}: {self.text[:60]}"

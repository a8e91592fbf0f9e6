"""A file that a customer or an agent sent along with a message."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation
from conversations.models.message import Message, MessageRole

FOLDER = "attachments"


def path_of(attachment: Attachment, _: str) -> str:
    """Return where a file lies below MEDIA_ROOT: nothing of its name is in its path."""
    return f"{FOLDER}/{attachment.conversation_id}/{attachment.pk}"


class Attachment(models.Model):
    """One file. Without a message it was handed in and waits for the message that sends it.

    `client_id` is made by the sender and makes handing in repeatable; `given_hash` is of the bytes
    that came, which are not the ones kept where a picture was written anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments"
    )
    client_id = models.UUIDField()
    role = models.CharField(max_length=10, choices=MessageRole)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width_pixels = models.PositiveIntegerField(default=0)
    height_pixels = models.PositiveIntegerField(default=0)
    given_hash = models.CharField(max_length=64)
    file = models.FileField(upload_to=path_of, max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "client_id"], name="one_attachment_per_client_id"
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(message__isnull=True),
                name="unsent_attachments",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_picture(self) -> bool:
        """Say whether it can be shown as a picture."""
        return self.media_type.startswith("image/")

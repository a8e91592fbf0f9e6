"""What a visitor's browser shows to be let in. Only the sha256 of a token is stored."""

from __future__ import annotations

import uuid

from django.db import models

from conversations.models.conversation import Visitor


class TokenKind(models.TextChoices):
    """What a token does."""

    BEARER = "bearer", "Opens the visitor's chats, for minutes"
    RENEWAL = "renewal", "Gets a new bearer, for days"


class VisitorToken(models.Model):
    """One token. `device` holds together what one browser was given; deleted is ended."""

    hash = models.CharField(max_length=64, primary_key=True)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="tokens")
    kind = models.CharField(max_length=10, choices=TokenKind)
    device = models.UUIDField(default=uuid.uuid4, db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.visitor}"

"""A chat and the visitor it belongs to."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from conversations.models.site import Site
from conversations.ownership import Owner
from knowledge.models import Audience, Collection


class Visitor(models.Model):
    """A customer: a browser that nobody knows, or who a host site's server says it is.

    One that turned out to be a verified customer is `merged_into` that one and has nothing left.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    address = models.GenericIPAddressField(null=True, blank=True)
    audiences = models.ManyToManyField(Audience, blank=True)
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="Where the token counts; empty: our own page",
    )
    quotes_only_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then no model writes to this visitor"
    )
    forgiven_at = models.DateTimeField(
        null=True, blank=True, help_text="Suspicious messages before this no longer count"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Visitor {str(self.id)[:8]}"

    @property
    def is_authenticated(self) -> bool:
        """A visitor is known by its token; the REST framework asks this of its users."""
        return True

    is_active = True
    is_staff = False
    # Set when the visitor came by a link that opens one chat only.
    confined_to: uuid.UUID | None = None

    def may_open(self, conversation_id: uuid.UUID) -> bool:
        """Say whether the way this visitor came lets them into a chat of theirs."""
        return self.confined_to in (None, conversation_id)


class Conversation(models.Model):
    """One chat. `last_seq` is the highest sequence number given out, changed under row lock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="conversations")
    owner = models.CharField(
        max_length=10,
        choices=[(o.value, o.name.title()) for o in Owner],
        default=Owner.BOT,
        db_index=True,
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="Empty: our own page",
    )
    is_test = models.BooleanField(default=False, help_text="Begun with a site's test key")
    collection = models.ForeignKey(Collection, null=True, blank=True, on_delete=models.SET_NULL)
    team = models.ForeignKey(
        "conversations.Team",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        help_text="Whose request it is; empty: everybody's",
    )
    language = models.CharField(max_length=10, blank=True)
    words_language = models.CharField(
        max_length=5, blank=True, help_text="The language of the chat's own words, as last shown"
    )
    last_seq = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        ordering = ["-updated_at"]

    def __str__(self) -> str:
        return f"Conversation {str(self.id)[:8]}"

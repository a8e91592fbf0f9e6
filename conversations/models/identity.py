"""Customers whom a host site's server vouches for, and how its word is checked."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from conversations.models.conversation import Conversation, Visitor
from conversations.models.site import Site
from conversations.sealing import opened, seal
from conversations.sites.identity import ALGORITHMS, Rules

SECRET_BYTES = 48
# A token lives a day at most, so after this none that the old secret signed is left.
OVERLAP = timedelta(hours=25)
_PURPOSE = "site identity"
_SHARED_SECRET = "HS256"  # noqa: S105 - an algorithm's name


class SiteIdentity(models.Model):
    """How tokens of a site's customers are checked; without an algorithm none is taken."""

    site = models.OneToOneField(
        Site, on_delete=models.CASCADE, primary_key=True, related_name="identity"
    )
    algorithm = models.CharField(
        max_length=5,
        blank=True,
        choices=[("", "Switched off"), *((name, name) for name in ALGORITHMS)],
        help_text="The only one that is accepted; what a token says of itself does not count",
    )
    encrypted_secret = models.TextField(blank=True, editable=False)
    secret_made_at = models.DateTimeField(null=True, blank=True, editable=False)
    encrypted_old_secret = models.TextField(blank=True, editable=False)
    old_until = models.DateTimeField(null=True, blank=True, editable=False)
    public_key = models.TextField(blank=True, help_text="PEM, for RS256 and ES256")
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = "site's identity"
        verbose_name_plural = "sites' identities"

    def __str__(self) -> str:
        return f"{self.site}: {self.get_algorithm_display()}"

    def new_secret(self, now: datetime) -> str:
        """Make and return a new secret; the one before counts for OVERLAP more."""
        if self.encrypted_secret:
            self.encrypted_old_secret, self.old_until = self.encrypted_secret, now + OVERLAP
        secret = secrets.token_urlsafe(SECRET_BYTES)
        self.encrypted_secret, self.secret_made_at = seal(secret, _PURPOSE), now
        return secret

    def end_old_secret(self) -> None:
        """Take nothing any more that the old secret signed."""
        self.encrypted_old_secret, self.old_until = "", None

    def old_counts(self, now: datetime) -> bool:
        """Say whether the secret before still counts."""
        return bool(self.encrypted_old_secret and self.old_until and self.old_until > now)

    def secret_is_readable(self) -> bool:
        """Say whether the secret can be decrypted; not after SECRET_KEY changed."""
        return not self.encrypted_secret or opened(self.encrypted_secret, _PURPOSE) is not None

    def rules(self, now: datetime) -> Rules:
        """Return what tokens are checked by."""
        keys = self._secrets(now) if self.algorithm == _SHARED_SECRET else [self.public_key]
        return Rules(self.algorithm, tuple(key for key in keys if key), self.site.key)

    def _secrets(self, now: datetime) -> list[str]:
        sealed = [self.encrypted_secret]
        if self.old_counts(now):
            sealed.append(self.encrypted_old_secret)
        return [opened(one, _PURPOSE) or "" for one in sealed if one]


class VerifiedCustomer(models.Model):
    """Who a visitor is, as the host site's server signed it. One for each subject of a site."""

    visitor = models.OneToOneField(
        Visitor, on_delete=models.CASCADE, primary_key=True, related_name="verified"
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=255)
    name = models.CharField(max_length=120, blank=True)
    email = models.CharField(max_length=254, blank=True, db_index=True)
    attributes = models.JSONField(default=dict, blank=True)
    not_given = models.JSONField(
        default=list, blank=True, help_text="Audiences that were asked for and do not exist here"
    )
    issued_at = models.FloatField(
        null=True, blank=True, help_text="When the newest token was signed, seconds since 1970"
    )
    first_verified_at = models.DateTimeField(auto_now_add=True)
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "subject"], name="one_visitor_per_subject")
        ]

    def __str__(self) -> str:
        return self.name or self.email or self.subject


class IdentityJoin(models.Model):
    """A chat begun by somebody unknown, who then proved to be a verified customer."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="identity_joins"
    )
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="+")
    former = models.UUIDField(help_text="The unknown visitor that it belonged to")
    after_seq = models.PositiveIntegerField(help_text="The last message from before that")
    stated_email = models.CharField(
        max_length=254, blank=True, help_text="Where replies went until then; nobody has proved it"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "former"], name="one_join_per_conversation"
            )
        ]

    def __str__(self) -> str:
        return f"After message {self.after_seq}"


class SameCustomer(models.Model):
    """An agent says that two visitors are one person. Seen at the desk only: opens nothing."""

    visitor = models.OneToOneField(
        Visitor, on_delete=models.CASCADE, primary_key=True, related_name="same"
    )
    same_as = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="duplicates")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.visitor} is {self.same_as}"

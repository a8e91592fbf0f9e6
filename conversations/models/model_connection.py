"""The language model's address, names and key, as an administrator entered them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from conversations.models.operator_edit import OperatorSet
from conversations.sealing import opened, seal
from providers.llm.connection import LlmConnection

ONLY_ROW = 1
PURPOSE = "model connection"


class ModelConnection(models.Model):
    """The one stored connection. Environment variables win over it (conversations/wiring.py)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    base_url = models.CharField(max_length=500, blank=True)
    model_names = models.JSONField(default=list, help_text="Names in order of preference")
    encrypted_key = models.TextField(blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = OperatorSet["ModelConnection"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=ONLY_ROW), name="one_model_connection")
        ]

    def __str__(self) -> str:
        return self.base_url or "OpenAI"

    @property
    def has_key(self) -> bool:
        """Say whether a key is stored, readable or not."""
        return bool(self.encrypted_key)

    @property
    def key_is_readable(self) -> bool:
        """Say whether the stored key can be decrypted; not after SECRET_KEY changed."""
        return not self.encrypted_key or self._decrypted() is not None

    def store_key(self, key: str) -> None:
        """Keep the key, encrypted; an empty one removes it."""
        self.encrypted_key = seal(key, PURPOSE) if key else ""

    def connection(self) -> LlmConnection:
        """Return what a client needs. A key that cannot be decrypted counts as none."""
        return LlmConnection(tuple(self.model_names), self.base_url, self._decrypted() or "")

    def _decrypted(self) -> str | None:
        return opened(self.encrypted_key, PURPOSE) if self.encrypted_key else None

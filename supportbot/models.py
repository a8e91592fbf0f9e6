"""What was done while the installation was set up, and what an operator decided."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class MarkKey(models.TextChoices):
    """The facts that the checklist cannot read from other rows."""

    WITHOUT_MODEL = "without_model", "Goes on without a language model"
    TEST_QUESTION = "test_question", "A test question got a reply"
    CHECKLIST_HIDDEN = "checklist_hidden", "The finished checklist is hidden"


class SetupMark(models.Model):
    """One fact, made once and kept."""

    key = models.CharField(primary_key=True, max_length=40, choices=MarkKey)
    detail = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.get_key_display()

    @classmethod
    def make(cls, key: MarkKey, made_by: Any, detail: str = "") -> None:
        """Note the fact; a later note of the same replaces the earlier."""
        cls.objects.update_or_create(key=key, defaults={"made_by": made_by, "detail": detail[:200]})

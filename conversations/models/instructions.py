"""What the operator tells the assistant: versions that never change, and which one is in use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from conversations.answering.values import InstructionsSpec
from conversations.models.operator_edit import OperatorSet

# Together about 500 tokens: they are paid for with every answer.
NAME_CHARACTERS = 40
TONE_CHARACTERS = 300
LIST_CHARACTERS = 600
TOPICS_CHARACTERS = 2000


class VersionIsFixed(Exception):
    """A stored version was to be changed or deleted."""


class Instructions(models.Model):
    """One version. Lists are kept one entry a line."""

    version = models.PositiveIntegerField(unique=True, editable=False)
    name = models.CharField(max_length=NAME_CHARACTERS, blank=True)
    tone = models.CharField(max_length=TONE_CHARACTERS, blank=True)
    must_say = models.TextField(max_length=LIST_CHARACTERS, blank=True)
    never_say = models.TextField(max_length=LIST_CHARACTERS, blank=True)
    person_topics = models.TextField(max_length=TOPICS_CHARACTERS, blank=True)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = verbose_name_plural = "instructions"
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"Version {self.version}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store a new version. Raises VersionIsFixed for a stored one."""
        if not self._state.adding:
            raise VersionIsFixed(f"{self} is stored already; make a new version.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refuse: answers name it. Raises VersionIsFixed."""
        raise VersionIsFixed(f"{self} is kept, because answers name it.")

    def spec(self) -> InstructionsSpec:
        """Return what the pipeline works with."""
        return InstructionsSpec(
            version=self.version,
            name=self.name.strip(),
            tone=self.tone.strip(),
            must_say=_lines(self.must_say),
            never_say=_lines(self.never_say),
            person_topics=_lines(self.person_topics),
        )


class InstructionsUse(models.Model):
    """Which version is used from a moment on; the last row counts. None: no instructions.

    `trial` is used in place of `current` for `trial_percent` of the conversations.
    """

    current = models.ForeignKey(
        Instructions, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    trial = models.ForeignKey(
        Instructions, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    trial_percent = models.PositiveSmallIntegerField(
        default=0, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = OperatorSet["InstructionsUse"].as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        said = f"{self.current} in use" if self.current else "No instructions in use"
        if self.trial:
            said += f", {str(self.trial).lower()} tried on {self.trial_percent} % of the chats"
        return said

    @classmethod
    def now(cls) -> InstructionsUse:
        """Return the row that counts, or an unsaved one without instructions."""
        return cls.objects.select_related("current", "trial").first() or cls()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))

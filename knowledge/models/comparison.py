"""What was found by holding documents against each other, for an operator to look at."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from knowledge.models.document import Document


class ReviewState(models.TextChoices):
    """What the operator made of it."""

    OPEN = "open", "To be looked at"
    SETTLED = "settled", "Settled"
    DISMISSED = "dismissed", "Not a problem"


class DuplicatePair(models.Model):
    """Two documents that say the same. `similarity` 1 is the same text, below it nearly so."""

    first = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    similarity = models.FloatField()
    state = models.CharField(max_length=10, choices=ReviewState, default=ReviewState.OPEN)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-similarity"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_duplicate_pair")
        ]

    def __str__(self) -> str:
        return f"{self.first} = {self.second}"


class Contradiction(models.Model):
    """Two statements about the same thing with different numbers, dates or prices."""

    first = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="+")
    first_chunk = models.UUIDField(null=True)
    second_chunk = models.UUIDField(null=True)
    first_statement = models.TextField()
    second_statement = models.TextField()
    first_value = models.CharField(max_length=100)
    second_value = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, help_text="number, date, price, duration, percentage")
    key = models.CharField(
        max_length=64, unique=True, help_text="Of both statements: a settled one stays settled"
    )
    state = models.CharField(
        max_length=10, choices=ReviewState, default=ReviewState.OPEN, db_index=True
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-found_at"]

    def __str__(self) -> str:
        return f"{self.first_value} or {self.second_value}: {self.first_statement[:80]}"

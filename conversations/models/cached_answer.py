"""Answers kept for others who ask the same, and each time one was served."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models

from conversations.answering.cached import Layer
from conversations.models.answer import Answer


class CachedAnswerQuerySet(models.QuerySet["CachedAnswer"]):
    """Which entries may still serve."""

    def newer_than(self, moment: datetime) -> CachedAnswerQuerySet:
        """Return those made after a moment."""
        return self.filter(created_at__gt=moment)


class CachedAnswer(models.Model):
    """An answer of the model that may serve others, within its scope and while its evidence holds.

    It goes with the answer it was made for: who is erased leaves none. The question holds nothing
    personal. `scope` is `cached.Scope.key`; the columns beside it say what went into that.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="cached")
    scope = models.CharField(max_length=64)
    normal_hash = models.CharField(max_length=64)
    question = models.TextField()
    vector = models.BinaryField(help_text="Of the question, 32-bit floats")
    evidence = models.JSONField(help_text="[chunk, version] of what was found, best first")
    text = models.TextField()
    citations = models.JSONField(help_text="[marker, chunk, version, quote]")
    used = models.JSONField(help_text="[chunk, version] of the passages in the prompt")
    facts = models.JSONField(help_text="Confidence, usage and what else is shown with the answer")
    audiences = models.CharField(max_length=1000)
    collection = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10)
    prompt_version = models.CharField(max_length=60)
    model = models.CharField(max_length=200)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = CachedAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = "kept answer"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["scope", "normal_hash", "created_at"])]

    def __str__(self) -> str:
        return self.question[:60]


class CacheHitQuerySet(models.QuerySet["CacheHit"]):
    """What the cache did."""

    def totals(self) -> dict[str, Any]:
        """Return hits by layer, those reported wrong, what was not spent, and how often unknown."""
        layers = {
            f"layer_{layer.value}": models.Count("pk", filter=models.Q(layer=layer.value))
            for layer in Layer
        }
        totals: dict[str, Any] = self.aggregate(
            hits=models.Count("pk"),
            wrong=models.Count("pk", filter=models.Q(reported_wrong=True)),
            saved=models.Sum("saved_usd", default=Decimal(0)),
            unknown=models.Count("pk", filter=models.Q(saved_usd=None)),
            **layers,
        )
        return totals


class CacheHit(models.Model):
    """One question that a kept answer served. `entry` may be gone by now."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="cache_hit")
    entry = models.UUIDField(db_index=True)
    layer = models.CharField(
        max_length=10,
        choices=[
            (Layer.EXACT.value, "The same question"),
            (Layer.SEMANTIC.value, "The same in other words"),
            (Layer.IN_FLIGHT.value, "Asked at the same moment"),
        ],
    )
    asked_first = models.TextField(help_text="The question that the answer was written for")
    saved_usd = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, help_text="Empty: the price is unknown"
    )
    reported_wrong = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = CacheHitQuerySet.as_manager()

    class Meta:
        verbose_name = "answer given again"
        verbose_name_plural = "answers given again"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_layer_display()}: {self.asked_first[:60]}"

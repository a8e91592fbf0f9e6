"""Which collections are asked in other languages: their second index, in each generation."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from knowledge.models.collection import Collection
from knowledge.models.generation import GenerationState, IndexGeneration

# The others are filled as their documents are, or answer nobody.
FILLED = (GenerationState.CURRENT, GenerationState.READY)


class SentenceIndexQuerySet(models.QuerySet["SentenceIndex"]):
    """Questions asked of them."""

    def free(self, now: datetime) -> SentenceIndexQuerySet:
        """Return those of a complete generation that nobody works on."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, generation__state__in=FILLED)

    def to_fill(self, now: datetime) -> SentenceIndexQuerySet:
        """Return those that nobody works on though they are not complete."""
        return self.free(now).filter(ready_at=None)

    def claim(self, pk: int, now: datetime, lease_seconds: float) -> SentenceIndex | None:
        """Take one for this worker by compare-and-swap, or return None."""
        until = now + timedelta(seconds=lease_seconds)
        taken = (
            self.free(now)
            .filter(pk=pk)
            .update(attempt=F("attempt") + 1, lease_until=until, heartbeat_at=now)
        )
        return self.select_related("generation", "collection").get(pk=pk) if taken else None


class SentenceIndex(models.Model):
    """The sentences of one collection in one generation, from its first foreign question on.

    Until `ready_at` is set the usual search answers. What is held of a document stands with its
    chunks: `Chunk.sentences`.
    """

    generation = models.ForeignKey(
        IndexGeneration, on_delete=models.CASCADE, related_name="sentence_indexes"
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, related_name="sentence_indexes"
    )
    error = models.CharField(max_length=1000, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    objects = SentenceIndexQuerySet.as_manager()

    class Meta:
        ordering = ["generation", "collection"]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "collection"], name="one_sentence_index_per_collection"
            )
        ]

    def __str__(self) -> str:
        return f"Sentences of {self.collection} in {self.generation}"

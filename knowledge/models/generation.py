"""Generations of the index: what answers now, what is being built, what went before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from knowledge.compiled_query import CompiledQuery
from knowledge.models.collection import Collection

# What a point holds: 2 has titles, the number of chunks of a document, and BM25 with b = 0.3. An
# older index goes on answering and ranks less well; `manage.py reindex` makes it anew.
INDEX_FORMAT = 2


class GenerationState(models.TextChoices):
    """Where a generation stands. One at most is current."""

    BUILDING = "building", "Being built"
    READY = "ready", "Complete, not in use"
    CURRENT = "current", "In use"
    RETIRED = "retired", "In use before"
    FAILED = "failed", "Failed"


class Activation(models.TextChoices):
    """Whether a complete generation comes into use by itself."""

    BY_HAND = "by_hand", "When somebody says so"
    UNLESS_WORSE = "unless_worse", "When complete, unless it compares worse"
    ALWAYS = "always", "When complete"


class IndexGenerationQuerySet(models.QuerySet["IndexGeneration"]):
    """Questions asked of the generations."""

    def in_use(self) -> IndexGeneration | None:
        """Return the one that answers; None before the first document of an installation."""
        return _in_use.first()

    def kept(self) -> IndexGenerationQuerySet:
        """Return those that have an index which may answer now or later."""
        return self.exclude(state=GenerationState.FAILED)

    def to_build(self, now: datetime) -> IndexGenerationQuerySet:
        """Return those that nobody works on though they are not complete."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.filter(free, state=GenerationState.BUILDING)

    def claim(self, pk: int, now: datetime, lease_seconds: float) -> IndexGeneration | None:
        """Take one for this worker by compare-and-swap, or return None."""
        taken = (
            self.to_build(now)
            .filter(pk=pk)
            .update(
                attempt=models.F("attempt") + 1,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
        )
        return self.get(pk=pk) if taken else None


class IndexGeneration(models.Model):
    """One complete index: an embedding model and a size of chunk. `number` names its place.

    Only the current one answers. A swap is one transaction over two rows, so every search sees
    the one or the other, whole.
    """

    number = models.PositiveIntegerField(unique=True)
    embedding_model = models.CharField(max_length=200)
    chunk_tokens = models.PositiveIntegerField(
        default=0, help_text="Most tokens in a chunk; 0: as many as the model takes"
    )
    format = models.PositiveSmallIntegerField(
        default=INDEX_FORMAT, help_text="What its points hold; the search wants the newest"
    )
    state = models.CharField(
        max_length=10, choices=GenerationState, default=GenerationState.BUILDING, db_index=True
    )
    error = models.CharField(max_length=1000, blank=True)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    comparison = models.JSONField(
        default=dict, blank=True, help_text="Against the one in use, on the golden questions"
    )
    activation = models.CharField(
        max_length=12, choices=Activation, default=Activation.BY_HAND, blank=True
    )
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    objects = IndexGenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        # Loading a model runs what its owner has put there, and fills the disk.
        permissions = [("name_any_model", "Can name any hub model or folder as embedding model")]
        constraints = [
            models.UniqueConstraint(
                fields=["state"],
                condition=Q(state="current"),
                name="one_current_generation",
            )
        ]

    def __str__(self) -> str:
        return f"Generation {self.number}"

    def count_passages(self) -> int:
        """Return how many there are of current versions; earlier ones keep rows without points."""
        return self.chunks.filter(version=F("version__document__current_version")).count()


_in_use = CompiledQuery(lambda: IndexGeneration.objects.filter(state=GenerationState.CURRENT))


class GoldenQuestion(models.Model):
    """A question whose right document an operator knows: generations are compared on these."""

    question = models.CharField(max_length=1000)
    document = models.ForeignKey(
        "knowledge.Document", on_delete=models.CASCADE, related_name="golden_questions"
    )
    collection = models.ForeignKey(
        Collection, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["question"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "document"], name="one_golden_question_per_document"
            )
        ]

    def __str__(self) -> str:
        return self.question

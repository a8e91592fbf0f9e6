"""A document, its immutable versions, and the chunks that are indexed."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from knowledge.models.collection import Audience, Collection


class DocumentStatus(models.TextChoices):
    """Where a document stands. Only `indexed` ones are searched."""

    QUEUED = "queued", "Waiting"
    PARSING = "parsing", "Reading"
    EMBEDDING = "embedding", "Embedding"
    INDEXING = "indexing", "Indexing"
    INDEXED = "indexed", "Ready"
    HELD = "held", "Held for review"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"


WORKING_STATUSES = (DocumentStatus.PARSING, DocumentStatus.EMBEDDING, DocumentStatus.INDEXING)


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions asked of many documents."""

    def waiting(self, now: datetime) -> DocumentQuerySet:
        """Return those to work on: queued, or left behind by a worker whose lease ran out."""
        abandoned = Q(status__in=WORKING_STATUSES, lease_until__lt=now)
        return self.filter(Q(status=DocumentStatus.QUEUED) | abandoned)

    def claim(self, pk: uuid.UUID, now: datetime, lease_seconds: float) -> Document | None:
        """Take one document for this worker by compare-and-swap, or return None.

        1. Only a queued or abandoned row matches.
        2. The attempt number goes up, so that an earlier worker's writes no longer match.
        """
        taken = (
            self.waiting(now)
            .filter(pk=pk)
            .update(
                status=DocumentStatus.PARSING,
                attempt=models.F("attempt") + 1,
                lease_until=now + timedelta(seconds=lease_seconds),
                error="",
            )
        )
        return self.get(pk=pk) if taken else None

    def held_by(self, document: Document) -> DocumentQuerySet:
        """Return the row if whoever loaded `document` may still write it.

        Every change of plans (a new version, withdrawal, another worker) raises the attempt.
        """
        held = self.filter(pk=document.pk, attempt=document.attempt)
        return held.exclude(status=DocumentStatus.WITHDRAWN)


class Document(models.Model):
    """What an operator sees as one document. `path` is unique in its collection."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="documents")
    audiences = models.ManyToManyField(Audience, related_name="documents")
    path = models.CharField(
        max_length=1000, help_text="Where it came from, unique in its collection"
    )
    source = models.CharField(
        max_length=1000, blank=True, help_text="The file it was read from, on this machine"
    )
    title = models.CharField(max_length=500)
    url = models.URLField(max_length=2000, blank=True, help_text="Public address for citations")
    language = models.CharField(max_length=10, blank=True)
    status = models.CharField(
        max_length=20, choices=DocumentStatus, default=DocumentStatus.QUEUED, db_index=True
    )
    error = models.CharField(
        max_length=1000, blank=True, help_text="Why it failed, and the next step"
    )
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    current_version = models.ForeignKey(
        "DocumentVersion", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "path"], name="one_document_per_path")
        ]

    def __str__(self) -> str:
        return self.title or self.path


class DocumentVersion(models.Model):
    """An immutable state of a document: the bytes received and what was read out of them.

    `stored_name` is relative to MEDIA_ROOT. `indexed_at` is the commit marker, written last.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64, help_text="sha256 of the bytes, hexadecimal")
    stored_name = models.CharField(max_length=300)
    source_name = models.CharField(max_length=300, blank=True)
    given_title = models.CharField(max_length=500, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    size_bytes = models.PositiveBigIntegerField()
    text = models.TextField(blank=True, help_text="All that is searchable, once, without overlap")
    findings = models.JSONField(default=list, blank=True)
    embedding_model = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Of content, parser, chunking and model"
    )
    cpu_seconds = models.FloatField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    indexed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["document", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.document} v{self.number}"


class Chunk(models.Model):
    """The indexed unit. Its id is the point's id in the vector index."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(DocumentVersion, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    headings = models.JSONField(default=list, help_text="Heading path, outermost first")
    page = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    token_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["version", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ordinal"], name="one_chunk_per_ordinal")
        ]

    def __str__(self) -> str:
        return f"{self.version} chunk {self.ordinal}"

"""A document, its immutable versions, and the chunks that are indexed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When

from knowledge.models.collection import Audience, Collection
from knowledge.models.generation import IndexGeneration
from knowledge.models.source import Source


class DocumentStatus(models.TextChoices):
    """Where a document stands. Only `indexed` ones are searched."""

    QUEUED = "queued", "Waiting"
    PARSING = "parsing", "Reading"
    EMBEDDING = "embedding", "Embedding"
    INDEXING = "indexing", "Indexing"
    VERIFYING = "verifying", "Verifying"
    INDEXED = "indexed", "Ready"
    HELD = "held", "Held for review"
    FAILED = "failed", "Failed"
    WITHDRAWN = "withdrawn", "Withdrawn"


WORKING_STATUSES = (
    DocumentStatus.PARSING,
    DocumentStatus.EMBEDDING,
    DocumentStatus.INDEXING,
    DocumentStatus.VERIFYING,
)


class DocumentKind(models.TextChoices):
    """How a document came in."""

    FILE = "file", "File"
    FAQ = "faq", "FAQ entry"
    PAGE = "page", "Web page"


def answering_at(now: datetime, prefix: str = "") -> Q:
    """Return the condition that a document is published, begun and not expired.

    `prefix` is the way from another model to the document, as in lookups.
    """
    begun = Q(**{f"{prefix}valid_from": None}) | Q(**{f"{prefix}valid_from__lte": now})
    lasting = Q(**{f"{prefix}valid_until": None}) | Q(**{f"{prefix}valid_until__gt": now})
    return begun & lasting & Q(**{f"{prefix}published": True})


class DocumentQuerySet(models.QuerySet["Document"]):
    """Questions asked of many documents."""

    def waiting(self, now: datetime) -> DocumentQuerySet:
        """Return those to work on: queued, or left behind by a worker whose lease ran out."""
        abandoned = Q(status__in=WORKING_STATUSES, lease_until__lt=now)
        return self.filter(Q(status=DocumentStatus.QUEUED) | abandoned)

    def published(self, now: datetime) -> DocumentQuerySet:
        """Return those that may answer at this moment: published, begun, not expired."""
        return self.filter(answering_at(now))

    def claim(self, pk: uuid.UUID, now: datetime, lease_seconds: float) -> Document | None:
        """Take one document for this worker by compare-and-swap, or return None.

        1. Only a queued or abandoned row matches.
        2. The attempt number goes up, so that an earlier worker's writes no longer match.
        3. Taking over from a lost worker is counted, so that a document which ends every worker
           cannot do so for ever.
        """
        lost = Case(When(status__in=WORKING_STATUSES, then=1), default=0)
        taken = (
            self.waiting(now)
            .filter(pk=pk)
            .update(
                status=DocumentStatus.PARSING,
                attempt=models.F("attempt") + 1,
                losses=models.F("losses") + lost,
                lease_until=now + timedelta(seconds=lease_seconds),
                heartbeat_at=now,
                error="",
                progress_done=0,
                progress_total=0,
            )
        )
        return self.select_related("collection").get(pk=pk) if taken else None

    def held_by(self, document: Document) -> DocumentQuerySet:
        """Return the row if whoever loaded `document` may still write it.

        Every change of plans (a new version, withdrawal, another worker) raises the attempt.
        """
        return self.held_by_all([document])

    def held_by_all(self, documents: Sequence[Document]) -> DocumentQuerySet:
        """Return the rows of those that whoever loaded them may still write."""
        if not documents:
            return self.none()
        mine = (Q(pk=document.pk, attempt=document.attempt) for document in documents)
        return self.filter(reduce(or_, mine)).exclude(status=DocumentStatus.WITHDRAWN)


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
    kind = models.CharField(max_length=10, choices=DocumentKind, default=DocumentKind.FILE)
    from_source = models.ForeignKey(
        Source, null=True, blank=True, on_delete=models.SET_NULL, related_name="documents"
    )
    title = models.CharField(max_length=500)
    title_edited = models.BooleanField(
        default=False, help_text="An operator gave it: what is read later does not replace it"
    )
    url = models.URLField(max_length=2000, blank=True, help_text="Public address for citations")
    language = models.CharField(max_length=10, blank=True)
    given_language = models.CharField(
        max_length=10, blank=True, help_text="What an operator says it is; empty: as detected"
    )
    status = models.CharField(
        max_length=20, choices=DocumentStatus, default=DocumentStatus.QUEUED, db_index=True
    )
    error = models.CharField(
        max_length=1000, blank=True, help_text="Why it failed, and the next step"
    )
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveIntegerField(
        default=0, help_text="How often a worker was lost while it had this document"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(
        null=True, blank=True, help_text="When its worker last showed that it is alive"
    )
    published = models.BooleanField(
        default=True, help_text="Off: indexed and testable, but no customer gets answers from it"
    )
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(
        null=True, blank=True, help_text="From then on no answer comes from it"
    )
    review_by = models.DateField(
        null=True, blank=True, help_text="Its owner is reminded to read it again by this day"
    )
    reminded_at = models.DateTimeField(null=True, blank=True)
    readers_in_index = models.JSONField(
        default=list, blank=True, help_text="The readers that the index was last told"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
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
    updated_on = models.DateField(
        null=True, blank=True, help_text="When it was last changed where it comes from, if told"
    )
    text = models.TextField(blank=True, help_text="All that is searchable, once, without overlap")
    text_hash = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="Of the normalised text: exact copies"
    )
    signature = models.JSONField(
        default=list, blank=True, help_text="MinHash of the text's shingles: near copies"
    )
    findings = models.JSONField(
        default=list, blank=True, help_text="{code, detail, start, end}: what stood out in it"
    )
    probes = models.JSONField(
        default=list, blank=True, help_text="{query, found}: questions that had to find it"
    )
    words = models.JSONField(
        default=list, blank=True, help_text="Those counted for it among the words of the documents"
    )
    embedded_count = models.PositiveIntegerField(
        default=0, help_text="Chunks embedded for it, work that was lost included"
    )
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    restored_from = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number of the version this one brings back"
    )
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
    generation = models.ForeignKey(IndexGeneration, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    headings = models.JSONField(default=list, help_text="Heading path, outermost first")
    page = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()
    token_count = models.PositiveIntegerField()
    start = models.PositiveIntegerField(
        default=0, help_text="Where it begins in the version's text, in characters"
    )
    sentences = models.PositiveIntegerField(
        null=True, blank=True, help_text="Groups of sentences in the second index; empty: not there"
    )

    class Meta:
        ordering = ["version", "generation", "ordinal"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "generation", "ordinal"], name="one_chunk_per_ordinal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} chunk {self.ordinal}"

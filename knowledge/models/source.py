"""Where documents come from besides uploads, and what each run over a source brought."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from knowledge.models.collection import Audience, Collection


class SourceKind(models.TextChoices):
    """How a source is read."""

    FOLDER = "folder", "Folder on this machine"
    PAGE = "page", "One web page"
    SITEMAP = "sitemap", "Sitemap"
    CRAWL = "crawl", "Web site, following links"


class SourceQuerySet(models.QuerySet["Source"]):
    """Questions asked of many sources."""

    def due(self, now: datetime) -> SourceQuerySet:
        """Return those whose next run is due, or whose runner was lost.

        One that is switched off has no next run, unless somebody asks for one.
        """
        lost = Q(running=True, lease_until__lt=now)
        return self.filter(Q(running=False, next_run_at__lte=now) | lost)

    def claim(self, pk: int, now: datetime, lease_seconds: float) -> Source | None:
        """Take one due source for this worker by compare-and-swap, or return None.

        The attempt number goes up, so that an earlier worker's writes no longer match.
        """
        taken = (
            self.due(now)
            .filter(pk=pk)
            .update(
                running=True,
                attempt=models.F("attempt") + 1,
                lease_until=now + timedelta(seconds=lease_seconds),
            )
        )
        return self.get(pk=pk) if taken else None

    def held_by(self, source: Source) -> SourceQuerySet:
        """Return the row if whoever loaded `source` still runs it."""
        return self.filter(pk=source.pk, attempt=source.attempt, running=True)


class Source(models.Model):
    """A place that is read again and again. `location` is a folder or an address."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=SourceKind)
    location = models.CharField(max_length=2000)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="sources")
    audiences = models.ManyToManyField(Audience, blank=True, related_name="+")
    allowed_hosts = models.TextField(
        blank=True, help_text="Hosts it may fetch from, one a line; empty: the address's own host"
    )
    only_below = models.BooleanField(
        default=True, help_text="Follow only links that lead below the address's own folder"
    )
    max_pages = models.PositiveIntegerField(default=200)
    every_minutes = models.PositiveIntegerField(
        default=1440, help_text="Read again after so many minutes; 0: only when told to"
    )
    enabled = models.BooleanField(default=True, help_text="Off: read only when told to")
    running = models.BooleanField(default=False)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_run_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        # Whatever the program may read on this machine can come into answers by it.
        permissions = [("read_any_folder", "Can have any folder of the server read")]

    def __str__(self) -> str:
        return self.name


class SourceRun(models.Model):
    """What one reading of a source found.

    `notes` holds {path, outcome, reason} rows for everything but what is unchanged; a remark on
    the run as a whole has no path.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=1000, blank=True, help_text="Why the whole run failed")
    notes: Any = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.source}, {self.started_at:%Y-%m-%d %H:%M}"


class FetchedPage(models.Model):
    """What the last fetch of an address said, so that an unchanged page costs one small request."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="pages")
    url = models.CharField(max_length=2000)
    document = models.ForeignKey(
        "knowledge.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    etag = models.CharField(max_length=500, blank=True)
    last_modified = models.CharField(max_length=200, blank=True)
    text_hash = models.CharField(
        max_length=64, blank=True, help_text="Of the text that readers see: markup may change"
    )
    links: Any = models.JSONField(default=list, blank=True, help_text="Addresses it leads to")
    fetched_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["url"]
        constraints = [
            models.UniqueConstraint(fields=["source", "url"], name="one_page_per_address")
        ]

    def __str__(self) -> str:
        return self.url


class FaqEntry(models.Model):
    """A question and its answer, written in the admin; searched as a document of its own."""

    question = models.CharField(max_length=500)
    answer = models.TextField(help_text="Markdown")
    other_wordings = models.TextField(
        blank=True, help_text="How else customers ask this, one wording a line"
    )
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    audiences = models.ManyToManyField(Audience, blank=True, related_name="+")
    document = models.OneToOneField(
        "knowledge.Document",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="faq_entry",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "FAQ entry"
        verbose_name_plural = "FAQ entries"
        ordering = ["question"]

    def __str__(self) -> str:
        return self.question

    @property
    def wordings(self) -> list[str]:
        """Return the other wordings, blank lines left out."""
        return [line.strip() for line in self.other_wordings.splitlines() if line.strip()]

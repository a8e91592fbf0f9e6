"""Which documents are searched together, and who may read them."""

from __future__ import annotations

from django.db import models

PUBLIC_AUDIENCE = "public"
INTERNAL_AUDIENCE = "internal"
DEFAULT_COLLECTION = "default"


class Audience(models.Model):
    """A group of readers. Documents carry some, readers carry some."""

    slug = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """Documents searched together."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    audiences = models.ManyToManyField(
        Audience, blank=True, help_text="New documents of this collection are for these readers"
    )
    local_models_only = models.BooleanField(
        default=False,
        help_text="No passage of it goes to a model outside this machine",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name

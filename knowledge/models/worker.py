"""Signs of life of whoever works through a queue."""

from __future__ import annotations

from django.db import models


class QueueSighting(models.Model):
    """When a queue was last seen to be consumed, by the database's own clock of this process."""

    queue = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.queue}: {self.seen_at:%Y-%m-%d %H:%M:%S}"

"""What an operator switched for the whole service: the pause, and the banner about an incident."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conversations.models.operator_edit import OperatorSet

ONLY_ROW = 1
BANNER_CHARACTERS = 500


class BannerThen(models.TextChoices):
    """What follows the banner when it has answered."""

    ANSWER = "answer", "The usual answer"
    PERSON = "person", "A person is asked"


class ServiceState(models.Model):
    """The one row. A pause and a banner with an end are over by themselves when it has passed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY_ROW, editable=False)
    paused = models.BooleanField(default=False)
    paused_until = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    banner = models.CharField(max_length=BANNER_CHARACTERS, blank=True)
    banner_until = models.DateTimeField(null=True, blank=True)
    banner_phrases = models.TextField(blank=True)
    banner_then = models.CharField(max_length=10, choices=BannerThen, default=BannerThen.ANSWER)
    banner_at = models.DateTimeField(null=True, editable=False)
    banner_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = OperatorSet["ServiceState"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "pause and banner"
        constraints = [models.CheckConstraint(condition=Q(id=ONLY_ROW), name="one_service_state")]

    def __str__(self) -> str:
        return "Pause and banner"

    @classmethod
    def current(cls) -> ServiceState:
        """Return the row as it stands, or an unsaved one with everything off."""
        return cls.objects.first() or cls()

    def is_paused(self, now: datetime | None = None) -> bool:
        """Say whether the bot is silent now."""
        return self.paused and _lasts(self.paused_until, now)

    def banner_shown(self, now: datetime | None = None) -> str:
        """Return the banner that stands now, or nothing."""
        return self.banner if _lasts(self.banner_until, now) else ""

    def banner_seconds_left(self, now: datetime | None = None) -> int | None:
        """Return how long the banner stands; None: until somebody takes it away."""
        if self.banner_until is None or not self.banner_shown(now):
            return None
        return max(1, round((self.banner_until - (now or timezone.now())).total_seconds()))

    def phrases(self) -> tuple[str, ...]:
        """Return the words on which the banner answers; none: it answers every first question."""
        return tuple(line.strip() for line in self.banner_phrases.splitlines() if line.strip())


def _lasts(until: datetime | None, now: datetime | None) -> bool:
    return until is None or until > (now or timezone.now())

"""Which agents are at the desk, by a heartbeat that runs out."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

# A page at work beats every 25 s; one that is lost is missed after two beats more.
EXPIRES_SECONDS = 75.0


class PresenceQuerySet(models.QuerySet["Presence"]):
    """Who is there."""

    def here(self, now: datetime | None = None) -> PresenceQuerySet:
        """Return those at the desk who have not switched themselves to away."""
        since = (now or timezone.now()) - timedelta(seconds=EXPIRES_SECONDS)
        return self.filter(seen_at__gte=since, away=False, user__is_active=True)


class Presence(models.Model):
    """One agent. `away` is their own switch and outlasts sessions."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    seen_at = models.DateTimeField(db_index=True)
    away = models.BooleanField(default=False)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "presence"

    def __str__(self) -> str:
        return f"{self.user}: {'away' if self.away else 'at the desk'}"

    @classmethod
    def beat(cls, user_id: int) -> None:
        """Note that an agent's page is open and was used lately."""
        cls.objects.update_or_create(user_id=user_id, defaults={"seen_at": timezone.now()})

    @classmethod
    def set_away(cls, user_id: int, away: bool) -> None:
        """Switch an agent to away, or back."""
        values = {"away": away, "seen_at": timezone.now()}
        cls.objects.update_or_create(user_id=user_id, defaults=values)

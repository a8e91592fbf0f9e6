"""Agents who answer together."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from conversations.models.presence import Presence


class TeamQuerySet(models.QuerySet["Team"]):
    """Which teams there are."""

    def of(self, user_id: int) -> TeamQuerySet:
        """Return the teams of an agent."""
        return self.filter(members=user_id)

    def at_the_desk(self, now: datetime | None = None) -> TeamQuerySet:
        """Return the teams of which somebody is there."""
        here = Presence.objects.here(now).values("user")
        return self.filter(members__in=here).distinct()


class Team(models.Model):
    """One team. Requests come to it by their reason, by their site, or by an agent's hand."""

    name = models.CharField(max_length=80, unique=True)
    members = models.ManyToManyField(
        settings.AUTH_USER_MODEL, blank=True, related_name="desk_teams"
    )
    reasons = models.JSONField(
        "reasons that come here",
        default=list,
        blank=True,
        help_text="Requests for these reasons come to this team from every site. Other requests "
        "go to the team that their site names, or to everybody.",
    )
    gives_out = models.BooleanField(
        "give requests out",
        default=False,
        help_text="A new request goes at once to the member at the desk who has the fewest "
        "conversations. Off: members take requests themselves.",
    )

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

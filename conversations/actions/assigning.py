"""Which team a chat's request goes to, and which agent of those at the desk is given it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Count, QuerySet

from conversations.models import Conversation, Presence, Team
from conversations.ownership import Owner
from conversations.teams import TeamReasons, least_busy, team_for

MAY_ANSWER = "conversations.change_escalation"


def colleagues() -> QuerySet[User]:
    """Return everybody who may be given a conversation."""
    may = User.objects.with_perm(MAY_ANSWER, backend="django.contrib.auth.backends.ModelBackend")
    return may.filter(is_staff=True).order_by("first_name", "username")


def route(conversation: Conversation, reason: str) -> Team | None:
    """Put a chat to the team that this request goes to, and return it; None: everybody's."""
    teams = [TeamReasons(team.pk, frozenset(team.reasons)) for team in Team.objects.all()]
    of_site = conversation.site.team_id if conversation.site else None
    chosen = team_for(reason, now_with=conversation.team_id, of_site=of_site, teams=teams)
    if chosen != conversation.team_id:
        put_to(conversation, chosen)
    return conversation.team


def put_to(conversation: Conversation, team_id: int | None) -> None:
    """Make a chat a team's, or everybody's; the conversation must be locked."""
    conversation.team_id = team_id
    conversation.save(update_fields=["team", "updated_at"])


def present_in(team: Team, now: datetime | None = None) -> QuerySet[Presence]:
    """Return who of a team is at the desk."""
    return Presence.objects.here(now).filter(user__desk_teams=team)


def next_of(team: Team) -> User | None:
    """Return the member to whom a team gives a request now; None: members take it themselves."""
    if not team.gives_out:
        return None
    return _least_busy(present_in(team).values_list("user", flat=True))


def next_of_all(among: QuerySet[User]) -> User | None:
    """Return who of these is at the desk and has the fewest conversations; None: nobody is."""
    here = Presence.objects.here().filter(user__in=among)
    return _least_busy(here.values_list("user", flat=True))


def busy_with() -> dict[int, int]:
    """Return how many conversations each agent has, by the agent's number."""
    held = Conversation.objects.filter(owner=Owner.AGENT, agent__isnull=False)
    rows = held.order_by().values_list("agent").annotate(Count("pk"))
    return {agent: count for agent, count in rows if agent is not None}


def _least_busy(present: Iterable[int]) -> User | None:
    chosen = least_busy(present, busy_with())
    return None if chosen is None else User.objects.filter(pk=chosen).first()

"""Which team a request for a person goes to, and who of them gets it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TeamReasons:
    """A team and the reasons whose requests come to it."""

    team: int
    reasons: frozenset[str]


def team_for(
    reason: str, *, now_with: int | None, of_site: int | None, teams: Iterable[TeamReasons]
) -> int | None:
    """Return the team that a request goes to; None: everybody.

    A team that has the chat already keeps it, since an agent put it there or it came before; then
    the reason decides, then the site.
    """
    if now_with is not None:
        return now_with
    by_reason = min((one.team for one in teams if reason in one.reasons), default=None)
    return of_site if by_reason is None else by_reason


def least_busy(present: Iterable[int], busy: Mapping[int, int]) -> int | None:
    """Return who of those at the desk has the fewest conversations; None when nobody is there.

    Of equals it is the lowest number, so that the same rows always give the same agent.
    """
    return min(present, key=lambda agent: (busy.get(agent, 0), agent), default=None)

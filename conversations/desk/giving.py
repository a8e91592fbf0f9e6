"""Acts that give conversations to others: a colleague at the desk, whoever is free, a team."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from conversations.actions import assigning, desk
from conversations.actions.escalations import name_of
from conversations.desk.fields import ActRefused, Fields
from conversations.desk.many import each
from conversations.models import Presence, Team

Result = dict[str, Any]
NOTE_CHARACTERS = 4000


def assign(agent: User, fields: Fields) -> Result:
    """Give conversations to a colleague (`to`, 0 for the least busy) or a team (`team`, 0: all)."""
    note = fields.text("note", NOTE_CHARACTERS)
    if fields.number_or_none("team") is not None:
        return _to_team(agent, fields, note)
    to, seen = _somebody_there(agent, fields), fields.number_or_none("from_agent")
    done = each(fields, lambda pk: desk.assign(pk, agent, to, note, seen))
    return {**done, "to": name_of(to)}


def _to_team(agent: User, fields: Fields, note: str) -> Result:
    number = fields.number("team")
    team = Team.objects.filter(pk=number).first()
    if number and team is None:
        raise ActRefused("no_team", "There is no such team any more. Choose another.")
    seen = fields.number_or_none("from_agent")
    done = each(fields, lambda pk: desk.give_to_team(pk, agent, team, note, seen))
    done["to"] = f"team {team}" if team else "everybody"
    if team and not assigning.present_in(team).exists():
        text = f"Nobody of {team} is at the desk; everybody sees it in Unassigned meanwhile."
        return {**done, "text": text}
    return done


def _somebody_there(agent: User, fields: Fields) -> User:
    """Return who is to have it, at the desk now; 0 is whoever is there and least busy."""
    number = fields.number("to")
    if number == 0:
        free = assigning.next_of_all(assigning.colleagues())
        if free is None:
            raise ActRefused("away", "Nobody is at the desk. Keep it, or give it to a team.")
        return free
    to = assigning.colleagues().filter(pk=number).first()
    if to is None:
        raise ActRefused("no_colleague", "This person cannot take conversations. Choose another.")
    if to.pk != agent.pk and not Presence.objects.here().filter(user=to).exists():
        problem = f"{name_of(to)} is not at the desk. Choose somebody who is, or a team."
        raise ActRefused("away", problem)
    return to


def transfer(agent: User, fields: Fields) -> Result:
    """Give them away with a private note."""
    fields.needed_text("note", NOTE_CHARACTERS)
    return assign(agent, fields)


def away(agent: User, fields: Fields) -> Result:
    """Switch the agent to away, or back."""
    gone = fields.flag("away")
    Presence.set_away(agent.pk, gone)
    return {"away": gone}

"""Every act of the desk by its name: the permission it needs, and what it does.

The page and the socket both come through `perform`; there is no other way in.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from conversations import texts
from conversations.actions import assigning, desk, desk_sorting, revisions
from conversations.actions.escalations import name_of
from conversations.actions.suspicion import forgive
from conversations.attachment_files import FileRefused
from conversations.desk import curating, drafting
from conversations.desk.fields import ActRefused, Fields
from conversations.intake import MessageRefused, checked_text
from conversations.models import (
    Block,
    Conversation,
    DeskVerb,
    Message,
    Presence,
    Priority,
    Team,
)
from conversations.ownership import TransitionRefused

Result = dict[str, Any]
MAY_READ = "conversations.view_conversation"
MAY_ANSWER = "conversations.change_escalation"
NOTE_CHARACTERS = 4000
RESOLUTION_CHARACTERS = 1000
_CHANGED_HANDS = "That does not apply any more: the conversation has changed hands meanwhile."


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody with `permission` may have done."""

    permission: str
    run: Callable[[User, Fields], Result]


def perform(agent: User, name: str, values: dict[str, Any]) -> Result:
    """Do an act and return {"ok": true, ...}, or {"ok": false, "code", "text", ...} and why not."""
    try:
        act = ACTS.get(name)
        if act is None:
            raise ActRefused("unknown_act", "There is no such act.")
        if not (agent.has_perm(MAY_READ) and agent.has_perm(act.permission)):
            raise ActRefused("forbidden", "Your account may not do this. Ask an administrator.")
        return {"ok": True, **act.run(agent, Fields(values))}
    except ActRefused as refused:
        return {"ok": False, "code": refused.code, "text": refused.text, **refused.more}
    except desk.HeldByOther as held:
        text = f"{held.name} has this conversation. Take it over first."
        return {"ok": False, "code": "held", "text": text, "name": held.name, "by": held.user_id}
    except desk.NotPossible as problem:
        return {"ok": False, "code": "not_possible", "text": str(problem)}
    except TransitionRefused:
        return {"ok": False, "code": "changed_hands", "text": _CHANGED_HANDS}
    except (Conversation.DoesNotExist, Message.DoesNotExist):
        return {"ok": False, "code": "not_found", "text": "There is no such conversation."}


def colleagues() -> QuerySet[User]:
    """Return everybody who may be given a conversation."""
    may = User.objects.with_perm(MAY_ANSWER, backend="django.contrib.auth.backends.ModelBackend")
    return may.filter(is_staff=True).order_by("first_name", "username")


def _take(agent: User, fields: Fields) -> Result:
    desk.take(fields.uuid("conversation"), agent, fields.number_or_none("from_agent"))
    return {}


def _reply(agent: User, fields: Fields) -> Result:
    conversation = Conversation.objects.get(pk=fields.uuid("conversation"))
    files = _files(fields)
    text = _message_text(fields, may_be_empty=bool(files))
    _refuse_internal(agent, conversation, text, fields)
    try:
        sent = desk.reply(conversation.pk, agent, text, fields.uuid("client_id"), files)
    except FileRefused as refused:
        raise ActRefused(refused.code, texts.error(refused.code, **refused.values)) from None
    return {"message": str(sent.pk), "seq": sent.seq}


def _edit(agent: User, fields: Fields) -> Result:
    message = Message.objects.select_related("conversation").get(pk=fields.uuid("message"))
    text = _message_text(fields)
    _refuse_internal(agent, message.conversation, text, fields)
    revisions.edit(message.pk, agent, text)
    return {}


def _withdraw(agent: User, fields: Fields) -> Result:
    revisions.withdraw(fields.uuid("message"), agent)
    return {}


def _note(agent: User, fields: Fields) -> Result:
    text = fields.needed_text("text", NOTE_CHARACTERS)
    return {"note": desk.write_note(fields.uuid("conversation"), agent, text).pk}


def _hand_back(agent: User, fields: Fields) -> Result:
    note = fields.text("note", RESOLUTION_CHARACTERS)
    desk.hand_back(fields.uuid("conversation"), agent, note)
    return {}


def _assign(agent: User, fields: Fields) -> Result:
    note = fields.text("note", NOTE_CHARACTERS)
    if fields.number_or_none("team") is not None:
        return _to_team(agent, fields, note)
    to = _somebody_there(agent, fields)
    return {**_each(fields, lambda pk: desk.assign(pk, agent, to, note)), "to": name_of(to)}


def _to_team(agent: User, fields: Fields, note: str) -> Result:
    number = fields.number("team")
    team = Team.objects.filter(pk=number).first()
    if number and team is None:
        raise ActRefused("no_team", "There is no such team any more. Choose another.")
    done = _each(fields, lambda pk: desk.give_to_team(pk, agent, team, note))
    done["to"] = f"team {team}" if team else "everybody"
    if team and not assigning.present_in(team).exists():
        text = f"Nobody of {team} is at the desk; everybody sees it in Unassigned meanwhile."
        return {**done, "text": text}
    return done


def _somebody_there(agent: User, fields: Fields) -> User:
    """Return who is to have it, at the desk now; 0 is whoever is there and least busy."""
    number = fields.number("to")
    if number == 0:
        free = assigning.next_of_all(colleagues())
        if free is None:
            raise ActRefused("away", "Nobody is at the desk. Keep it, or give it to a team.")
        return free
    to = colleagues().filter(pk=number).first()
    if to is None:
        raise ActRefused("no_colleague", "This person cannot take conversations. Choose another.")
    if to.pk != agent.pk and not Presence.objects.here().filter(user=to).exists():
        problem = f"{name_of(to)} is not at the desk. Choose somebody who is, or a team."
        raise ActRefused("away", problem)
    return to


def _transfer(agent: User, fields: Fields) -> Result:
    fields.needed_text("note", NOTE_CHARACTERS)
    return _assign(agent, fields)


def _away(agent: User, fields: Fields) -> Result:
    away = fields.flag("away")
    Presence.set_away(agent.pk, away)
    return {"away": away}


def _resolve(agent: User, fields: Fields) -> Result:
    note = fields.text("note", RESOLUTION_CHARACTERS)
    return _each(fields, lambda pk: desk.resolve(pk, agent, note))


def _tag(agent: User, fields: Fields) -> Result:
    most = desk_sorting.MOST_TAGS
    add, remove = fields.words("add", most), fields.words("remove", most)
    return _each(fields, lambda pk: desk_sorting.change_tags(pk, agent, add, remove))


def _snooze(agent: User, fields: Fields) -> Result:
    until = fields.moment("until")
    return _each(fields, lambda pk: desk.snooze(pk, agent, until))


def _wake(agent: User, fields: Fields) -> Result:
    return _each(fields, lambda pk: desk.wake(pk, agent))


def _priority(agent: User, fields: Fields) -> Result:
    try:
        priority = Priority(fields.number("priority"))
    except ValueError:
        raise ActRefused("bad_request", "There is no such priority.") from None
    return _each(fields, lambda pk: desk_sorting.set_priority(pk, agent, priority))


def _block(agent: User, fields: Fields) -> Result:
    reason = fields.text("reason", 10)
    if reason not in Block.Reason.values:
        raise ActRefused("bad_request", "There is no such reason.")
    return _each(fields, lambda pk: desk_sorting.block(pk, agent, reason))


def _unblock(agent: User, fields: Fields) -> Result:
    desk_sorting.unblock(fields.uuid("conversation"), agent)
    return {}


def _forgive(agent: User, fields: Fields) -> Result:
    conversation = Conversation.objects.select_related("visitor").get(
        pk=fields.uuid("conversation")
    )
    forgive(conversation.visitor)
    return {}


def _draft(agent: User, fields: Fields) -> Result:
    rows = Conversation.objects.select_related("visitor", "collection")
    conversation = rows.get(pk=fields.uuid("conversation"))
    words = fields.text("question", settings.MESSAGE_MAX_CHARACTERS)
    return {"draft": drafting.draft_row(drafting.make_draft(conversation, agent, words))}


def _flag(agent: User, fields: Fields) -> Result:
    comment = fields.text("comment", curating.COMMENT_CHARACTERS)
    curating.flag(fields.uuid("message"), agent, comment)
    return {}


def _faq(agent: User, fields: Fields) -> Result:
    question = fields.needed_text("question", curating.QUESTION_CHARACTERS)
    text = fields.needed_text("answer", curating.ANSWER_CHARACTERS)
    return {"entry": curating.make_entry(fields.uuid("message"), agent, question, text).pk}


ACTS: dict[str, Act] = {
    "take": Act(MAY_ANSWER, _take),
    "reply": Act(MAY_ANSWER, _reply),
    "edit": Act(MAY_ANSWER, _edit),
    "withdraw": Act(MAY_ANSWER, _withdraw),
    "hand_back": Act(MAY_ANSWER, _hand_back),
    "assign": Act(MAY_ANSWER, _assign),
    "transfer": Act(MAY_ANSWER, _transfer),
    "away": Act(MAY_ANSWER, _away),
    "snooze": Act(MAY_ANSWER, _snooze),
    "wake": Act(MAY_ANSWER, _wake),
    "resolve": Act(MAY_ANSWER, _resolve),
    "priority": Act(MAY_ANSWER, _priority),
    "tag": Act(MAY_ANSWER, _tag),
    "forgive": Act(MAY_ANSWER, _forgive),
    "note": Act("conversations.add_note", _note),
    "block": Act("conversations.add_block", _block),
    "unblock": Act("conversations.delete_block", _unblock),
    "draft": Act("conversations.add_deskdraft", _draft),
    "flag": Act("conversations.add_answerflag", _flag),
    "faq": Act("knowledge.add_faqentry", _faq),
}


def _files(fields: Fields) -> list[uuid.UUID]:
    """Return the client ids of the files that a reply sends."""
    given = fields.words("attachments", settings.ATTACHMENTS_PER_MESSAGE)
    return [Fields({"file": one}).uuid("file") for one in given]


def _message_text(fields: Fields, *, may_be_empty: bool = False) -> str:
    try:
        text = fields.text("text", settings.MESSAGE_MAX_CHARACTERS)
        return checked_text(text, may_be_empty=may_be_empty)
    except MessageRefused as refused:
        raise ActRefused(refused.code, texts.error(refused.code, "", **refused.values)) from None


def _refuse_internal(agent: User, conversation: Conversation, text: str, fields: Fields) -> None:
    """Have words of internal sources confirmed before they go out."""
    titles = drafting.internal_titles(conversation, text, fields.uuid_or_none("draft"))
    if not titles:
        return
    if not fields.flag("confirmed"):
        named = ", ".join(f"“{title}”" for title in titles)
        problem = f"This holds words from a source that the customer may not read: {named}."
        raise ActRefused("internal", problem, titles=titles)
    desk.note_act(conversation, agent, DeskVerb.SENT_INTERNAL, ", ".join(titles))


def _each(fields: Fields, act: Callable[[uuid.UUID], Any]) -> Result:
    """Do it to the one conversation named, or to each of many; those that refuse are told."""
    if "conversations" not in fields.values:
        act(fields.uuid("conversation"))
        return {"done": 1, "refused": []}
    refused = []
    chosen = fields.uuids("conversations")
    for pk in chosen:
        try:
            act(pk)
        except desk.HeldByOther as held:
            refused.append({"id": str(pk), "text": f"{held.name} has it."})
        except (desk.NotPossible, TransitionRefused, Conversation.DoesNotExist) as problem:
            said = str(problem) if isinstance(problem, desk.NotPossible) else _CHANGED_HANDS
            refused.append({"id": str(pk), "text": said})
    return {"done": len(chosen) - len(refused), "refused": refused}

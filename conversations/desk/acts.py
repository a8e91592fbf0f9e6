"""Every act of the desk by its name: the permission it needs, and what it does.

The page and the socket both come through `perform`; there is no other way in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from conversations import texts
from conversations.actions import desk, desk_sorting, revisions, same_customer
from conversations.actions.suspicion import forgive
from conversations.attachment_files import FileRefused
from conversations.desk import curating, drafting, giving
from conversations.desk.fields import ActRefused, Fields
from conversations.desk.giving import NOTE_CHARACTERS
from conversations.desk.many import CHANGED_HANDS, each
from conversations.intake import MessageRefused, checked_text
from conversations.models import (
    Block,
    Conversation,
    DeskVerb,
    Message,
    Priority,
)
from conversations.ownership import TransitionRefused

Result = dict[str, Any]
MAY_READ = "conversations.view_conversation"
MAY_ANSWER = "conversations.change_escalation"
RESOLUTION_CHARACTERS = 1000


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
        return {"ok": False, "code": problem.code, "text": str(problem)}
    except TransitionRefused:
        return {"ok": False, "code": "changed_hands", "text": CHANGED_HANDS}
    except (Conversation.DoesNotExist, Message.DoesNotExist):
        return {"ok": False, "code": "not_found", "text": "There is no such conversation."}


def _take(agent: User, fields: Fields) -> Result:
    desk.take(fields.uuid("conversation"), agent, fields.number_or_none("from_agent"))
    return {}


def _reply(agent: User, fields: Fields) -> Result:
    conversation = Conversation.objects.get(pk=fields.uuid("conversation"))
    files = fields.uuids("attachments", settings.ATTACHMENTS_PER_MESSAGE)
    text = _message_text(fields, may_be_empty=bool(files))
    try:
        # The trail says that internal words went out only where they did.
        with transaction.atomic():
            _refuse_internal(agent, conversation, text, fields)
            sent = desk.reply(conversation.pk, agent, text, fields.uuid("client_id"), files)
    except FileRefused as refused:
        raise ActRefused(refused.code, texts.error(refused.code, **refused.values)) from None
    return {"message": str(sent.pk), "seq": sent.seq}


@transaction.atomic
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


def _resolve(agent: User, fields: Fields) -> Result:
    note = fields.text("note", RESOLUTION_CHARACTERS)
    return each(fields, lambda pk: desk.resolve(pk, agent, note))


def _tag(agent: User, fields: Fields) -> Result:
    most = desk_sorting.MOST_TAGS
    add, remove = fields.words("add", most), fields.words("remove", most)
    return each(fields, lambda pk: desk_sorting.change_tags(pk, agent, add, remove))


def _snooze(agent: User, fields: Fields) -> Result:
    until = fields.moment("until")
    return each(fields, lambda pk: desk.snooze(pk, agent, until))


def _wake(agent: User, fields: Fields) -> Result:
    return each(fields, lambda pk: desk.wake(pk, agent))


def _priority(agent: User, fields: Fields) -> Result:
    try:
        priority = Priority(fields.number("priority"))
    except ValueError:
        raise ActRefused("bad_request", "There is no such priority.") from None
    return each(fields, lambda pk: desk_sorting.set_priority(pk, agent, priority))


def _block(agent: User, fields: Fields) -> Result:
    reason = fields.text("reason", 10)
    if reason not in Block.Reason.values:
        raise ActRefused("bad_request", "There is no such reason.")
    seen = fields.number_or_none("from_agent")
    return each(fields, lambda pk: desk_sorting.block(pk, agent, reason, seen))


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


def _same(agent: User, fields: Fields) -> Result:
    same_customer.say_same(fields.uuid("conversation"), fields.uuid("other"), agent)
    return {}


def _not_same(agent: User, fields: Fields) -> Result:
    same_customer.say_not_same(fields.uuid("conversation"), fields.uuid("other"), agent)
    return {}


ACTS: dict[str, Act] = {
    "take": Act(MAY_ANSWER, _take),
    "reply": Act(MAY_ANSWER, _reply),
    "edit": Act(MAY_ANSWER, _edit),
    "withdraw": Act(MAY_ANSWER, _withdraw),
    "hand_back": Act(MAY_ANSWER, _hand_back),
    "assign": Act(MAY_ANSWER, giving.assign),
    "transfer": Act(MAY_ANSWER, giving.transfer),
    "away": Act(MAY_ANSWER, giving.away),
    "snooze": Act(MAY_ANSWER, _snooze),
    "wake": Act(MAY_ANSWER, _wake),
    "resolve": Act(MAY_ANSWER, _resolve),
    "priority": Act(MAY_ANSWER, _priority),
    "tag": Act(MAY_ANSWER, _tag),
    "forgive": Act(MAY_ANSWER, _forgive),
    "same": Act(MAY_ANSWER, _same),
    "not_same": Act(MAY_ANSWER, _not_same),
    "note": Act("conversations.add_note", _note),
    "block": Act("conversations.add_block", _block),
    "unblock": Act("conversations.delete_block", _unblock),
    "draft": Act("conversations.add_deskdraft", _draft),
    "flag": Act("conversations.add_answerflag", _flag),
    "faq": Act("knowledge.add_faqentry", _faq),
}


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

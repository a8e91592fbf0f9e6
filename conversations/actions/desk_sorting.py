"""Priority and tags, and visitors whose messages are refused."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import UUIDField

from conversations.actions import escalations
from conversations.actions.desk import NotPossible, held, note_act
from conversations.actions.thread import locked
from conversations.models import Block, Conversation, DeskState, DeskVerb, Priority, Tag
from knowledge.compiled_query import CompiledQuery

MOST_TAGS = 12
TAG_CHARACTERS = 40


class VisitorBlocked(Exception):
    """Nothing of this visitor is taken."""


@transaction.atomic
def set_priority(conversation_id: uuid.UUID, agent: User, priority: Priority) -> None:
    """Say how much a conversation presses."""
    conversation = locked(conversation_id)
    DeskState.objects.update_or_create(conversation=conversation, defaults={"priority": priority})
    note_act(conversation, agent, DeskVerb.PRIORITY, str(priority.label))


@transaction.atomic
def change_tags(
    conversation_id: uuid.UUID, agent: User, add: Iterable[str], remove: Iterable[str] = ()
) -> list[str]:
    """Add and remove tags by name; new names become tags. Returns those it has now.

    Raises NotPossible.
    """
    conversation = locked(conversation_id)
    added, removed = _names(add), _names(remove)
    state, _ = DeskState.objects.get_or_create(conversation=conversation)
    state.tags.remove(*state.tags.filter(name__in=removed))
    state.tags.add(*[_tag(name) for name in added])
    names = list(state.tags.values_list("name", flat=True))
    if len(names) > MOST_TAGS:
        raise NotPossible(f"A conversation has at most {MOST_TAGS} tags. Remove one first.")
    signed = [f"+{name}" for name in added] + [f"-{name}" for name in removed]
    note_act(conversation, agent, DeskVerb.TAG, " ".join(signed))
    return names


@transaction.atomic
def block(
    conversation_id: uuid.UUID, agent: User, reason: str, from_agent: int | None = None
) -> None:
    """Refuse the visitor's messages from now on, and end the conversation.

    `from_agent`: the holder whom the agent saw. Raises HeldByOther.
    """
    conversation = held(conversation_id, agent, from_agent)
    values = {"reason": reason, "agent": agent}
    Block.objects.update_or_create(visitor_id=conversation.visitor_id, defaults=values)
    note_act(conversation, agent, DeskVerb.BLOCK, reason)
    escalations.close(conversation_id, agent, f"Blocked: {reason}")


@transaction.atomic
def unblock(conversation_id: uuid.UUID, agent: User) -> None:
    """Take the visitor's messages again."""
    conversation = locked(conversation_id)
    if Block.objects.filter(visitor=conversation.visitor_id).delete()[0]:
        note_act(conversation, agent, DeskVerb.UNBLOCK)


_blocks = CompiledQuery(
    lambda visitor: Block.objects.filter(visitor=visitor).values_list("pk", flat=True)[:1],
    visitor=UUIDField(),
)


def refuse_blocked(conversation: Conversation) -> None:
    """Raise VisitorBlocked when nothing of this conversation's visitor is taken."""
    if _blocks.first(visitor=conversation.visitor_id):
        raise VisitorBlocked


def _names(given: Iterable[str]) -> list[str]:
    names = [" ".join(name.split()).lower() for name in given]
    for name in names:
        if len(name) > TAG_CHARACTERS:
            raise NotPossible(f"A tag has at most {TAG_CHARACTERS} characters.")
    return list(dict.fromkeys(name for name in names if name))


def _tag(name: str) -> Tag:
    tag, _ = Tag.objects.get_or_create(name=name)
    return tag

"""An agent says that two visitors are one person. It holds at the desk and opens no chat.

So a mistake, or an address that somebody else has stated, shows nothing to a customer.
"""

from __future__ import annotations

import uuid

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from conversations.actions.desk import NotPossible, note_act
from conversations.models import (
    Conversation,
    DeskVerb,
    SameCustomer,
    VerifiedCustomer,
    Visitor,
)


@transaction.atomic
def say_same(conversation_id: uuid.UUID, other_id: uuid.UUID, agent: User) -> None:
    """Take the customers of two conversations for one, at the desk. Raises NotPossible."""
    conversation, other = _both(conversation_id, other_id)
    ids = everybody_of(conversation.visitor_id) | everybody_of(other.visitor_id)
    if everybody_of(conversation.visitor_id) == ids:
        return
    verified = list(VerifiedCustomer.objects.filter(visitor__in=ids).values_list("pk", flat=True))
    if len(verified) > 1:
        raise NotPossible("Both are verified, and as different customers. They stay apart.")
    first = verified[0] if verified else conversation.visitor_id
    SameCustomer.objects.filter(visitor__in=ids).update(same_as=first)
    SameCustomer.objects.filter(visitor=first).delete()
    for pk in ids - {first}:
        SameCustomer.objects.get_or_create(visitor_id=pk, defaults=_link(first, agent))
    _note_both(conversation, other, agent, DeskVerb.SAME)


@transaction.atomic
def say_not_same(conversation_id: uuid.UUID, other_id: uuid.UUID, agent: User) -> None:
    """Part the customer of `other_id` from that of the conversation again. Raises NotPossible."""
    conversation, other = _both(conversation_id, other_id)
    apart, stays = other.visitor_id, conversation.visitor_id
    if apart == stays:
        raise NotPossible("Both conversations are of one browser or one verified customer.")
    if apart not in everybody_of(stays):
        return
    if not SameCustomer.objects.filter(visitor=apart).delete()[0]:
        # The others hang on it: they go on without it, on this conversation's.
        SameCustomer.objects.filter(visitor=stays).delete()
        SameCustomer.objects.filter(same_as=apart).update(same_as=stays)
    _note_both(conversation, other, agent, DeskVerb.NOT_SAME)


def everybody_of(visitor_id: uuid.UUID) -> set[uuid.UUID]:
    """Return the visitors who are one person at the desk, this one among them."""
    own = SameCustomer.objects.filter(visitor=visitor_id).values_list("same_as_id", flat=True)
    first = own.first() or visitor_id
    rows = SameCustomer.objects.filter(same_as=first).values_list("visitor_id", flat=True)
    return {first, *rows}


def _both(one: uuid.UUID, other: uuid.UUID) -> tuple[Conversation, Conversation]:
    """Return two conversations of one site with their visitors locked. Raises NotPossible."""
    rows = Conversation.objects.select_related("visitor")
    first, second = rows.get(pk=one), rows.get(pk=other)
    if first.site_id != second.site_id:
        raise NotPossible("They are customers of different sites. They stay apart.")
    wanted = Q(pk__in=(first.visitor_id, second.visitor_id))
    list(Visitor.objects.select_for_update(no_key=True).filter(wanted).order_by("pk"))
    return first, second


def _link(first: uuid.UUID, agent: User) -> dict[str, object]:
    return {"same_as_id": first, "agent": agent}


def _note_both(one: Conversation, other: Conversation, agent: User, verb: DeskVerb) -> None:
    for here, there in ((one, other), (other, one)):
        note_act(here, agent, verb, f"with {there}; neither sees the other's chats")

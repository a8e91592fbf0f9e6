"""Who a conversation's customer is: what was verified and when, and who may be the same."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from conversations.actions.same_customer import everybody_of
from conversations.models import (
    Contact,
    Conversation,
    IdentityJoin,
    PageContext,
    VerifiedCustomer,
    Visitor,
)

MOST_ALIKE = 5


def mark_of(visitor: Visitor) -> dict[str, Any] | None:
    """Return what a queue shows of a verified customer; None for somebody unknown."""
    found: VerifiedCustomer | None = getattr(visitor, "verified", None)
    if found is None:
        return None
    return {"name": found.name or found.email or found.subject, "at": _iso(found.verified_at)}


def identity_of(conversation: Conversation) -> dict[str, Any]:
    """Return what the customer's pane shows of who it is."""
    ids = everybody_of(conversation.visitor_id)
    customers = VerifiedCustomer.objects.select_related("site")
    found = customers.filter(visitor=conversation.visitor_id).first()
    return {
        "verified": _verified(found, conversation) if found else None,
        "same": [_person(pk) for pk in sorted(ids - {conversation.visitor_id}, key=str)],
        "alike": _alike(conversation, ids),
    }


def visitors_of(conversation: Conversation) -> set[uuid.UUID]:
    """Return the visitors whose conversations are this customer's, at the desk."""
    return everybody_of(conversation.visitor_id)


def _verified(found: VerifiedCustomer, conversation: Conversation) -> dict[str, Any]:
    joined: IdentityJoin | None = conversation.identity_joins.last()
    return {
        "subject": found.subject,
        "name": found.name,
        "email": found.email,
        "attributes": [[str(name), str(value)] for name, value in found.attributes.items()],
        "not_given": [str(slug) for slug in found.not_given],
        "site": str(found.site),
        "at": _iso(found.verified_at),
        "first_at": _iso(found.first_verified_at),
        "joined_after": joined.after_seq if joined else None,
        "joined_at": _iso(joined.created_at) if joined else None,
    }


def _alike(conversation: Conversation, known: set[uuid.UUID]) -> list[dict[str, Any]]:
    """Return other visitors of the site with an address of this customer's, proved or stated."""
    proved, stated = _addresses(known)
    if not proved | stated:
        return []
    here = Visitor.objects.filter(site=conversation.site_id, merged_into=None).exclude(pk__in=known)
    all_addresses = proved | stated
    by_proof = here.annotate(address_low=Lower("verified__email")).filter(
        address_low__in=all_addresses
    )
    both_verified = VerifiedCustomer.objects.filter(visitor__in=known).exists()
    rows = [
        _hint(visitor, is_proved=visitor.address_low in proved, may_merge=not both_verified)
        for visitor in by_proof[:MOST_ALIKE]
    ]
    shown = {row["visitor"] for row in rows}
    for visitor in _stating(here, all_addresses)[:MOST_ALIKE]:
        if str(visitor.pk) not in shown:
            rows.append(_hint(visitor, is_proved=False, may_merge=True))
    return [row for row in rows if row["conversation"]][:MOST_ALIKE]


def _stating(here: QuerySet[Any], addresses: set[str]) -> QuerySet[Any]:
    """Return visitors who are unknown and have stated one of these addresses."""
    left = Contact.objects.annotate(low=Lower("email")).filter(low__in=addresses)
    said = PageContext.objects.annotate(low=Lower("said_email")).filter(low__in=addresses)
    chats = Q(conversations__in=left.values("conversation")) | Q(
        conversations__in=said.values("conversation")
    )
    return here.filter(chats, verified=None).distinct()


def _addresses(visitors: set[uuid.UUID]) -> tuple[set[str], set[str]]:
    """Return the addresses that were proved for these visitors, and those that were stated."""
    proved = VerifiedCustomer.objects.filter(visitor__in=visitors).values_list("email", flat=True)
    chats = Conversation.objects.filter(visitor__in=visitors)
    left = Contact.objects.filter(conversation__in=chats).values_list("email", flat=True)
    said = PageContext.objects.filter(conversation__in=chats).values_list("said_email", flat=True)
    stated = {email.lower() for email in (*left, *said) if email}
    return {email.lower() for email in proved if email}, stated


def _hint(visitor: Any, *, is_proved: bool, may_merge: bool) -> dict[str, Any]:
    why = (
        "The same e-mail, verified for both"
        if is_proved
        else "The same e-mail, only stated: a hint, no proof"
    )
    return {**_person(visitor.pk), "why": why, "may_merge": may_merge}


def _person(visitor_id: uuid.UUID) -> dict[str, Any]:
    visitor = Visitor.objects.select_related("verified").get(pk=visitor_id)
    newest = visitor.conversations.filter(last_seq__gt=0).order_by("-updated_at").first()
    mark = mark_of(visitor)
    return {
        "visitor": str(visitor.pk),
        "name": mark["name"] if mark else str(visitor),
        "verified": mark is not None,
        "conversation": str(newest.pk) if newest else "",
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None

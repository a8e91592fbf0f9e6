"""A visitor and their conversations."""

from __future__ import annotations

import ipaddress

from django.db import transaction

from conversations.models import Conversation, Visitor
from conversations.tokens import hash_of, new_token
from knowledge.models import PUBLIC_AUDIENCE, Audience


@transaction.atomic
def start(visitor: Visitor | None, address: str) -> tuple[Conversation, str]:
    """Make a conversation; without a visitor a new one with a token (empty for a known one)."""
    token = ""
    if visitor is None:
        token = new_token()
        visitor = Visitor.objects.create(token_hash=hash_of(token), address=_valid(address))
        visitor.audiences.set(Audience.objects.filter(slug=PUBLIC_AUDIENCE))
    return Conversation.objects.create(visitor=visitor), token


def _valid(address: str) -> str | None:
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None

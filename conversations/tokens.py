"""Visitors' tokens: 256 random bits, of which only the sha256 is stored.

A link in a mail carries a signed token instead, which opens one chat for some days.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta

from django.core import signing

from conversations.models import Conversation, Visitor

TOKEN_BYTES = 32
REOPEN_DAYS = 14
_REOPEN_SALT = "conversations.reopen"
# Stands in every signed token, and in no random one.
_SIGNED = ":"


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def visitor_of(token: str) -> Visitor | None:
    """Return the visitor a token belongs to; by a signed one, confined to its chat."""
    if _SIGNED in token:
        return _reopening(token)
    return Visitor.objects.filter(token_hash=hash_of(token)).first() if token else None


def reopening_token(conversation_id: uuid.UUID) -> str:
    """Return a token that opens this one chat for REOPEN_DAYS days."""
    return signing.dumps(str(conversation_id), salt=_REOPEN_SALT)


def _reopening(token: str) -> Visitor | None:
    try:
        text = signing.loads(token, salt=_REOPEN_SALT, max_age=timedelta(days=REOPEN_DAYS))
        wanted = uuid.UUID(text)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    found = Conversation.objects.select_related("visitor").filter(pk=wanted).first()
    if found is None:
        return None
    found.visitor.confined_to = wanted
    return found.visitor

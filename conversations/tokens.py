"""Visitors' tokens: 256 random bits, of which only the sha256 is stored.

A link in a mail carries a signed token instead, which opens one chat for some days.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from datetime import timedelta

from django.core import signing

from conversations.models import Conversation, Visitor

logger = logging.getLogger(__name__)
TOKEN_BYTES = 32
# Ours have some hundred at most; nothing longer is looked at.
MOST_CHARACTERS = 500
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
    if not token:
        return None
    if len(token) > MOST_CHARACTERS or not token.isascii():
        _refused("malformed")
        return None
    if _SIGNED in token:
        return _reopening(token)
    found = Visitor.objects.filter(token_hash=hash_of(token)).first()
    if found is None:
        _refused("unknown")
    return found


def _refused(why: str) -> None:
    """Log that a token was refused, and nothing of the token."""
    logger.warning("token.refused", extra={"why": why})


def reopening_token(conversation_id: uuid.UUID) -> str:
    """Return a token that opens this one chat for REOPEN_DAYS days."""
    return signing.dumps(str(conversation_id), salt=_REOPEN_SALT)


def _reopening(token: str) -> Visitor | None:
    try:
        text = signing.loads(token, salt=_REOPEN_SALT, max_age=timedelta(days=REOPEN_DAYS))
        wanted = uuid.UUID(text)
    except signing.SignatureExpired:
        _refused("expired")
        return None
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        _refused("tampered")
        return None
    found = Conversation.objects.select_related("visitor").filter(pk=wanted).first()
    if found is None:
        _refused("its chat is gone")
        return None
    found.visitor.confined_to = wanted
    return found.visitor

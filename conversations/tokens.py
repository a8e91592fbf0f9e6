"""Visitors' tokens: 256 random bits, of which only the sha256 is stored."""

from __future__ import annotations

import hashlib
import secrets

from conversations.models import Visitor

TOKEN_BYTES = 32


def new_token() -> str:
    """Return a token nobody can guess."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def visitor_of(token: str) -> Visitor | None:
    """Return the visitor a token belongs to."""
    return Visitor.objects.filter(token_hash=hash_of(token)).first() if token else None

"""Visitors' tokens: 256 random bits, of which only the sha256 is stored.

A bearer opens the visitor's chats for VISITOR_TOKEN_MINUTES; a renewal token, which is shown to one
endpoint only, gets the next one. A link in a mail carries a signed token instead, which opens one
chat for some days.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core import signing
from django.db.models import CharField
from django.utils import timezone

from conversations.models import Conversation, TokenKind, Visitor, VisitorToken
from knowledge.compiled_query import CompiledQuery

logger = logging.getLogger(__name__)
TOKEN_BYTES = 32
# Ours have some hundred at most; nothing longer is looked at.
MOST_CHARACTERS = 500
REOPEN_DAYS = 14
# So long after a host site's last word a verified customer's browser is let in.
VERIFIED_RENEWAL = timedelta(hours=24)
# A bearer that is replaced still serves the requests that are under way with it.
REPLACED_SECONDS = 60
_REOPEN_SALT = "conversations.reopen"
# Stands in every signed token, and in no random one.
_SIGNED = ":"


@dataclass(frozen=True, slots=True)
class Held:
    """A token that is known. `expired`: it only tells whose it was."""

    visitor: Visitor
    device: uuid.UUID | None = None
    expires_at: datetime | None = None

    @property
    def expired(self) -> bool:
        """Say whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()

    def seconds_left(self) -> float | None:
        """Return for how long it counts; None for one whose end is not kept."""
        if self.expires_at is None:
            return None
        return max(0.0, (self.expires_at - timezone.now()).total_seconds())


class Given(NamedTuple):
    """What a browser is given, once. `renewal` is empty where it keeps the one it has."""

    token: str
    renewal: str
    expires_in_seconds: int


def issue(visitor: Visitor, device: uuid.UUID | None = None) -> Given:
    """Give a browser its tokens; a `device` that is known keeps its renewal token."""
    now = timezone.now()
    known = device is not None
    device = device or uuid.uuid4()
    renewal = ""
    if known:
        renewals = VisitorToken.objects.filter(device=device, kind=TokenKind.RENEWAL)
        renewals.update(expires_at=now + renewal_life(visitor))
    else:
        renewal = _stored(visitor, TokenKind.RENEWAL, device, now + renewal_life(visitor))
    token = _stored(visitor, TokenKind.BEARER, device, now + _bearer_life())
    return Given(token, renewal, int(_bearer_life().total_seconds()))


def renewed(renewal: str) -> tuple[Visitor, Given] | None:
    """Return a new bearer for a renewal token; None when it is unknown or its time is over."""
    row = _row(renewal, TokenKind.RENEWAL)
    if row is None or row.expires_at <= timezone.now():
        return None
    VisitorToken.objects.filter(device=row.device, expires_at__lt=timezone.now()).delete()
    visitor = row.visitor
    if not hasattr(visitor, "verified"):
        # A browser that comes back goes on; who is verified depends on the host site's next word.
        row.expires_at = timezone.now() + renewal_life(visitor)
        row.save(update_fields=["expires_at"])
    token = _stored(visitor, TokenKind.BEARER, row.device, timezone.now() + _bearer_life())
    return visitor, Given(token, "", int(_bearer_life().total_seconds()))


def end_device(device: uuid.UUID) -> None:
    """End all that one browser was given."""
    VisitorToken.objects.filter(device=device).delete()


def replace_soon(held: Held) -> None:
    """Have the bearers that this browser had before end within REPLACED_SECONDS."""
    soon = timezone.now() + timedelta(seconds=REPLACED_SECONDS)
    if held.device is None:
        return
    bearers = VisitorToken.objects.filter(device=held.device, kind=TokenKind.BEARER)
    bearers.filter(expires_at__gt=soon).update(expires_at=soon)


def forget_expired(now: datetime) -> int:
    """Delete tokens whose time is over; return how many."""
    return VisitorToken.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()[0]


def held_by(token: str) -> Held | None:
    """Return what a bearer stands for, its time over or not; None for an unknown one."""
    if not token:
        return None
    if len(token) > MOST_CHARACTERS or not token.isascii():
        _refused("malformed")
        return None
    if _SIGNED in token:
        found = _reopening(token)
        return Held(found) if found else None
    row = _row(token, TokenKind.BEARER)
    if row is None:
        _refused("unknown")
        return None
    held = Held(row.visitor, row.device, row.expires_at)
    if held.expired:
        _refused("expired")
    return held


def held_by_renewal(renewal: str) -> Held | None:
    """Return whose a renewal token is; None for an unknown one."""
    row = _row(renewal, TokenKind.RENEWAL)
    return Held(row.visitor, row.device, row.expires_at) if row else None


def visitor_of(token: str) -> Visitor | None:
    """Return the visitor a token belongs to now; by a signed one, confined to its chat."""
    held = held_by(token)
    return held.visitor if held and not held.expired else None


def _refused(why: str) -> None:
    """Log that a token was refused, and nothing of the token."""
    logger.warning("token.refused", extra={"why": why})


def hash_of(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def renewal_life(visitor: Visitor) -> timedelta:
    """Return for how long a browser of this visitor can get new bearers."""
    if hasattr(visitor, "verified"):
        return VERIFIED_RENEWAL
    return timedelta(days=settings.VISITOR_RENEWAL_DAYS)


def reopening_token(conversation_id: uuid.UUID) -> str:
    """Return a token that opens this one chat for REOPEN_DAYS days, while it is this visitor's."""
    whose = (
        Conversation.objects.filter(pk=conversation_id).values_list("visitor_id", flat=True).first()
    )
    return signing.dumps([str(conversation_id), str(whose)], salt=_REOPEN_SALT)


def _bearer_life() -> timedelta:
    return timedelta(minutes=settings.VISITOR_TOKEN_MINUTES)


def _stored(visitor: Visitor, kind: TokenKind, device: uuid.UUID, until: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    VisitorToken.objects.create(
        hash=hash_of(token), visitor=visitor, kind=kind, device=device, expires_at=until
    )
    return token


_rows = CompiledQuery(
    lambda hash, kind: VisitorToken.objects.filter(pk=hash, kind=kind).select_related(
        "visitor__verified"
    ),
    hash=CharField(),
    kind=CharField(),
)


def _row(token: str, kind: TokenKind) -> VisitorToken | None:
    if not token or not token.isascii():
        return None
    return _rows.first(hash=hash_of(token), kind=kind)


def _reopening(token: str) -> Visitor | None:
    try:
        given = signing.loads(token, salt=_REOPEN_SALT, max_age=timedelta(days=REOPEN_DAYS))
        # Links of before carry the chat alone.
        text, whose = given if isinstance(given, list) else (given, None)
        wanted = uuid.UUID(text)
    except signing.SignatureExpired:
        _refused("expired")
        return None
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        _refused("tampered")
        return None
    found = Conversation.objects.select_related("visitor__verified").filter(pk=wanted).first()
    if found is None:
        _refused("its chat is gone")
        return None
    if not _still_theirs(found, whose):
        _refused("its chat is another's now")
        return None
    found.visitor.confined_to = wanted
    return found.visitor


def _still_theirs(conversation: Conversation, whose: str | None) -> bool:
    """Say whether a chat belongs to whom its link was written to.

    The address was only stated: it may be another's than of who proved to be the customer.
    """
    if whose is not None:
        return whose == str(conversation.visitor_id)
    return not conversation.identity_joins.exists()

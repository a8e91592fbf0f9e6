"""How much a visitor and an address may send. Counters live in Django's cache.

When the cache is away messages are let through and that is logged: a customer who cannot write is
worse than a limit that does not hold for a moment.
"""

from __future__ import annotations

import hashlib
import logging
import time

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)
WINDOW_SECONDS = 60
TYPING_PER_MINUTE = 60
# Each page of a host site may exchange a token, and an office has one address.
IDENTIFICATIONS = 5
# Three messages full of files.
FILES_PER_MINUTE = 15
SIGNALS_PER_MINUTE = 60
DAY_SECONDS = 24 * 3600
# Letters a day with a chat to keep. A stranger's mailbox is filled by nobody.
MAILS_TO_A_MAILBOX, MAILS_OF_A_CHAT, MAILS_OF_A_VISITOR, MAILS_OF_AN_ADDRESS = 3, 3, 5, 10


class OverLimit(Exception):
    """Too much in a short time; `retry_after_seconds` until the window ends."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"retry after {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


def count_message(visitor: str, address: str) -> None:
    """Count one message of this visitor and address. Raises OverLimit."""
    _count(f"visitor:{visitor}", settings.VISITOR_MESSAGES_PER_MINUTE)
    if address:
        _count(f"address:{address}", settings.ADDRESS_MESSAGES_PER_MINUTE)


def count_typing(visitor: str) -> None:
    """Count one sign of typing; a page sends at most one in three seconds. Raises OverLimit."""
    _count(f"typing:{visitor}", TYPING_PER_MINUTE)


def count_new_conversation(address: str) -> None:
    """Count one new conversation from an address. Raises OverLimit."""
    if address:
        _count(f"start:{address}", settings.ADDRESS_MESSAGES_PER_MINUTE)


def count_identification(address: str) -> None:
    """Count one exchange of a token from an address. Raises OverLimit."""
    if address:
        _count(f"identify:{address}", IDENTIFICATIONS * settings.ADDRESS_MESSAGES_PER_MINUTE)


def count_file(visitor: str, address: str) -> None:
    """Count one file of this visitor and address. Raises OverLimit."""
    _count(f"file:visitor:{visitor}", FILES_PER_MINUTE)
    if address:
        _count(f"file:address:{address}", 2 * FILES_PER_MINUTE)


def count_signals(visitor: str) -> None:
    """Count one request with signals. Raises OverLimit."""
    _count(f"signals:{visitor}", SIGNALS_PER_MINUTE)


def count_mail(chat: str, visitor: str, address: str, mailbox: str) -> None:
    """Count one letter that a customer has sent to a mailbox. Raises OverLimit.

    The counts outlive the chat, so that deleting it does not lift them. Without a cache no letter
    goes: it may be for a stranger.
    """
    hashed = hashlib.sha256(mailbox.strip().lower().encode()).hexdigest()
    limits = [
        (f"mail:mailbox:{hashed}", MAILS_TO_A_MAILBOX),
        (f"mail:chat:{chat}", MAILS_OF_A_CHAT),
        (f"mail:visitor:{visitor}", MAILS_OF_A_VISITOR),
    ]
    if address:
        limits.append((f"mail:address:{address}", MAILS_OF_AN_ADDRESS))
    for name, limit in limits:
        _count(name, limit, window_seconds=DAY_SECONDS, needs_cache=True)


def _count(
    name: str, limit: int, *, window_seconds: int = WINDOW_SECONDS, needs_cache: bool = False
) -> None:
    now = time.time()
    window = int(now // window_seconds)
    key = f"limit:{name}:{window}"
    try:
        cache.add(key, 0, timeout=2 * window_seconds)
        used = cache.incr(key)
    except Exception as error:
        logger.warning("limits.unavailable", extra={"error": type(error).__name__})
        if needs_cache:
            raise OverLimit(window_seconds) from error
        return
    if used > limit:
        raise OverLimit(max(1, int((window + 1) * window_seconds - now)))


def client_address(remote: str, forwarded_for: str) -> str:
    """Return the customer's address: the one that the outermost trusted proxy saw."""
    proxies = settings.TRUSTED_PROXIES
    chain = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    if not proxies or not chain:
        return remote
    return chain[-proxies] if len(chain) >= proxies else chain[0]

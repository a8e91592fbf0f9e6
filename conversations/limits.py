"""How much a visitor and an address may send. Counters live in Django's cache.

When the cache is away messages are let through and that is logged: a customer who cannot write is
worse than a limit that does not hold for a moment.
"""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.core.cache import cache

logger = logging.getLogger(__name__)
WINDOW_SECONDS = 60
TYPING_PER_MINUTE = 60


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


def _count(name: str, limit: int) -> None:
    now = time.time()
    window = int(now // WINDOW_SECONDS)
    key = f"limit:{name}:{window}"
    try:
        cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
        used = cache.incr(key)
    except Exception as error:
        logger.warning("limits.unavailable", extra={"error": type(error).__name__})
        return
    if used > limit:
        raise OverLimit(max(1, int((window + 1) * WINDOW_SECONDS - now)))


def client_address(remote: str, forwarded_for: str) -> str:
    """Return the customer's address: the one that the outermost trusted proxy saw."""
    proxies = settings.TRUSTED_PROXIES
    chain = [part.strip() for part in forwarded_for.split(",") if part.strip()]
    if not proxies or not chain:
        return remote
    return chain[-proxies] if len(chain) >= proxies else chain[0]

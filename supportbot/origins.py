"""Which pages may open a socket to us."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

logger = logging.getLogger(__name__)


class OriginCheck:
    """Refuses sockets from pages of other hosts.

    A request without an origin comes from a program, which cannot be made to act for somebody else:
    the socket takes a token in its first frame, never a cookie.
    """

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> Any:
        """Pass on what may be, deny the rest."""
        origin = _origin(scope)
        if origin is None or allowed(origin):
            return await self._application(scope, receive, send)
        logger.warning("socket.origin_refused", extra={"origin": origin[:200]})
        return await WebsocketDenier()(scope, receive, send)


def allowed(origin: str) -> bool:
    """Say whether pages of this origin (scheme, host, port) may connect."""
    if origin.rstrip("/") in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    # validate_host wants the brackets of an IPv6 address.
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _origin(scope: Any) -> str | None:
    for name, value in scope.get("headers", []):
        if name == b"origin":
            return str(value.decode("latin-1"))
    return None

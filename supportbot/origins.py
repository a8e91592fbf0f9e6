"""Which pages may open a socket to us, or use the REST interface."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import validate_host

from conversations import texts

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


class ApiOriginMiddleware:
    """Refuses requests to the REST interface from pages of other hosts.

    Browsers would keep the answer from such a page; the request itself would still be carried out.
    The chat in a frame is a page of ours, and programs send no origin.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on what may be, refuse the rest."""
        origin = request.headers.get("Origin")
        if origin is None or not request.path_info.startswith("/api/") or allowed(origin):
            return self.get_response(request)
        logger.warning("api.origin_refused", extra={"origin": origin[:200]})
        body = {"code": "bad_origin", "text": texts.error("bad_origin")}
        return JsonResponse(body, status=403)


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

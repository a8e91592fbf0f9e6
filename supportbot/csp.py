"""The admin's content security policy. Public pages keep the strict one in settings."""

from __future__ import annotations

from collections.abc import Callable

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

# Unfold's menus are Alpine.js, which compiles expressions from attributes (unsafe-eval), and its
# colours and widths are inline styles. Inline scripts and other hosts stay forbidden, and what
# customers wrote is sanitised and kept from Alpine (x-ignore). See docs/decisions/0010-admin.md.
ADMIN_POLICY: dict[str, list[str]] = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}


class AdminPolicyMiddleware:
    """Relaxes the policy for the admin's addresses only. Stands after CSPMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the response for CSPMiddleware, which writes the header."""
        response = self.get_response(request)
        own = getattr(response, "_csp_strict", False)
        if not own and request.path_info.startswith(reverse("admin:index")):
            response._csp_replace = ADMIN_POLICY  # type: ignore[attr-defined]
        return response

"""Visitors come with a bearer token."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from conversations import texts
from conversations.models import Visitor
from conversations.tokens import visitor_of


class VisitorAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: Request) -> tuple[Visitor, None] | None:
        """Return the visitor, or None when no bearer token was sent."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        visitor = visitor_of(token.strip())
        if visitor is None:
            raise AuthenticationFailed(texts.error("unauthorized"))
        return visitor, None

    def authenticate_header(self, request: Request) -> str:
        """Make a missing token a 401."""
        return "Bearer"


class IsVisitor(BasePermission):
    """Only visitors, not staff: a chat belongs to its customer."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether the request came with a visitor's token."""
        return isinstance(request.user, Visitor)


class VisitorScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token in the OpenAPI document."""

    target_class = "conversations.api.authentication.VisitorAuthentication"
    name = "visitorToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the bearer scheme."""
        return {"type": "http", "scheme": "bearer"}

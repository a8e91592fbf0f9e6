"""Visitors come with a bearer token."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from conversations import texts
from conversations.models import Message, Visitor
from conversations.tokens import held_by


class VisitorAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`."""

    def authenticate(self, request: Request) -> tuple[Visitor, None] | None:
        """Return the visitor, or None when no bearer token was sent."""
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        held = held_by(token.strip())
        if held is None:
            raise AuthenticationFailed(texts.error("unauthorized"), "unauthorized")
        if held.expired:
            raise AuthenticationFailed(texts.error("token_expired"), "token_expired")
        visitor = held.visitor
        if visitor.confined_to is not None:
            named = _named(request)
            # Another chat is begun as somebody new, and nothing but this one is shown.
            if named is None:
                return None
            if not visitor.may_open(named):
                raise Http404
        return visitor, None

    def authenticate_header(self, request: Request) -> str:
        """Make a missing token a 401."""
        return "Bearer"


def _named(request: Request) -> uuid.UUID | None:
    """Return the chat that an address is about, by its own id or a message's."""
    kwargs = request.parser_context.get("kwargs", {}) if request.parser_context else {}
    pk: uuid.UUID | None = kwargs.get("pk")
    if pk is None:
        return None
    about = Message.objects.filter(pk=pk).values_list("conversation_id", flat=True).first()
    return about or pk


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

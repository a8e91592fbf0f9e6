"""Who a visitor is: proved by the host site's token, renewed in time, forgotten."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import limits, texts, tokens
from conversations.actions import identity
from conversations.api import identity_shapes as shapes
from conversations.api.chat import site_refused
from conversations.api.serializers import ErrorSerializer
from conversations.api.visitor_views import address_of
from conversations.models import Conversation, Site
from conversations.sites.identity import TokenRefused

# The schema's words for "without" and "with or without a token".
NO_AUTH: Any = [{}]
OPTIONAL_TOKEN: Any = [{}, {"visitorToken": []}]
NO_TOKEN = "unauthorized"  # noqa: S105 - an error's code


class TokenView(APIView):
    """A view that looks at the bearer itself: one that is unknown must not stop it."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]

    def get_authenticate_header(self, request: Request) -> str:
        """Make a refusal a 401."""
        return "Bearer"

    def held(self, request: Request) -> tokens.Held | None:
        """Return what the browser's bearer stands for; None when it has none, or an unknown one."""
        sent = get_authorization_header(request).decode("latin-1")
        scheme, _, token = sent.partition(" ")
        held = tokens.held_by(token.strip()) if scheme.lower() == "bearer" else None
        if held is not None and held.expired:
            # Its chats would be left behind: the browser renews first.
            raise AuthenticationFailed(texts.error("token_expired"), "token_expired")
        return held


class Identify(TokenView):
    """Prove who the customer is."""

    @extend_schema(
        request=shapes.IdentifySerializer,
        responses={
            200: shapes.IdentifiedSerializer,
            401: shapes.RefusedSerializer,
            403: ErrorSerializer,
        },
        auth=OPTIONAL_TOKEN,
        examples=[
            OpenApiExample(
                "A refusal",
                {
                    "code": "identity_refused",
                    "reason": "expired",
                    "text": "This customer's token is not valid here: It expired 55 minutes ago.",
                },
                response_only=True,
                status_codes=["401"],
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """Exchange a token that the host site's server signed for a visitor's token.

        With an unknown visitor's token in the header, that visitor's chats on this site become the
        customer's, and the old token ends. What is refused changes nothing.
        """
        limits.count_identification(address_of(request))
        given = shapes.IdentifySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        site = Site.objects.by_key(given.validated_data["site"])
        if site is None or not site.enabled:
            return site_refused("no_site", given.validated_data["site"])
        try:
            done = identity.identify(site, given.validated_data["token"], self.held(request))
        except TokenRefused as refused:
            return _refused(refused)
        wanted = given.validated_data["conversation"]
        mine = Conversation.objects.filter(pk=wanted, visitor=done.customer.visitor_id)
        return Response(
            {
                **_tokens(done.given),
                "verified": True,
                "chats_joined": done.chats_joined,
                "conversation": str(wanted) if wanted and mine.exists() else None,
            }
        )


class Renew(TokenView):
    """Get a new token."""

    @extend_schema(
        request=shapes.RenewSerializer,
        responses={200: shapes.TokensSerializer, 401: ErrorSerializer},
        auth=NO_AUTH,
    )
    def post(self, request: Request) -> Response:
        """Exchange the renewal token for a new token; the renewal token stays as it is."""
        limits.count_identification(address_of(request))
        given = shapes.RenewSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        found = tokens.renewed(given.validated_data["renewal"])
        if found is None:
            raise AuthenticationFailed(texts.error(NO_TOKEN), NO_TOKEN)
        return Response(_tokens(found[1]))


class Forget(TokenView):
    """Sign out."""

    @extend_schema(request=shapes.ForgetSerializer, responses={204: None}, auth=NO_AUTH)
    def post(self, request: Request) -> Response:
        """End all tokens of this browser. The chats stay with whom they belong to."""
        given = shapes.ForgetSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            held = tokens.held_by_renewal(given.validated_data["renewal"])
            if held is not None:
                identity.forget(held)
        return Response(status=204)


def _tokens(given: tokens.Given) -> dict[str, Any]:
    return {
        "token": given.token,
        "renewal": given.renewal,
        "expires_in_seconds": given.expires_in_seconds,
    }


def _refused(refused: TokenRefused) -> Response:
    text = texts.error("identity_refused", reason=refused.detail)
    body = {"code": "identity_refused", "reason": refused.refusal.value, "text": text}
    return Response(body, status=401, headers={"WWW-Authenticate": "Bearer"})

"""Visitors' endpoints: the socket's verbs over plain HTTP."""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from django.conf import settings
from django.db import connection
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    AuthenticationFailed,
    NotAuthenticated,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import limits, texts
from conversations.actions import conversations, escalations, feedback, handoffs, messages
from conversations.actions.desk_sorting import VisitorBlocked, refuse_blocked
from conversations.actions.visits import note_language
from conversations.api import serializers as shapes
from conversations.api import visit_shapes
from conversations.api.authentication import VisitorAuthentication
from conversations.api.changes import stamp_of, states_of
from conversations.api.visitor_views import VisitorView, address_of
from conversations.api.visits import Erase, chats_of
from conversations.consumers import revised_until, rows_after
from conversations.intake import submit
from conversations.models import Conversation, ServiceState, Site, Visitor
from conversations.models.site import key_start
from conversations.ownership import TransitionRefused
from conversations.protocol import banner_frame, message_frame, owner_frame
from conversations.typing_signs import agent_typed_at, customer_types

logger = logging.getLogger(__name__)
MAX_WAIT_SECONDS = 25.0
POLL_SECONDS = 0.4


class Conversations(APIView):
    """Start a conversation, or list those of a visitor."""

    authentication_classes = [VisitorAuthentication]
    permission_classes = [AllowAny]

    @extend_schema(operation_id="conversations_list", responses={200: visit_shapes.ChatsSerializer})
    def get(self, request: Request) -> Response:
        """List the visitor's chats, the newest first."""
        if not isinstance(request.user, Visitor):
            raise NotAuthenticated
        return Response({"conversations": chats_of(request.user)})

    @extend_schema(
        request=visit_shapes.StartSerializer,
        responses={201: shapes.StartedSerializer, 403: shapes.ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a conversation; without a token, make a visitor and give its token, once."""
        address = address_of(request)
        limits.count_new_conversation(address)
        given = visit_shapes.StartSerializer(data=_json_if_any(request))
        given.is_valid(raise_exception=True)
        visitor = request.user if isinstance(request.user, Visitor) else None
        key = given.validated_data["site"]
        site = Site.objects.by_key(key)
        if key and (site is None or not site.enabled):
            return site_refused("no_site", key)
        testing = bool(site and site.is_test(key))
        try:
            conversation, tokens = conversations.begin(visitor, address, site, testing=testing)
        except conversations.OtherSite:
            return site_refused("other_site", key)
        except conversations.VisitorGone:
            raise AuthenticationFailed(texts.error("unauthorized"), "unauthorized") from None
        note_language(conversation, given.validated_data["language"])
        return Response(
            {
                **state_of(conversation),
                "token": tokens.token if tokens else "",
                "renewal": tokens.renewal if tokens else "",
                "expires_in_seconds": tokens.expires_in_seconds if tokens else None,
                "max_characters": settings.MESSAGE_MAX_CHARACTERS,
            },
            status=201,
        )


class Banner(APIView):
    """The banner about an incident, for pages without a conversation."""

    authentication_classes: list[type[BaseAuthentication]] = []
    permission_classes = [AllowAny]

    @extend_schema(responses=shapes.BannerSerializer)
    def get(self, request: Request) -> Response:
        """Show the banner that stands now."""
        return Response(banner_frame(ServiceState.current()))


class ConversationDetail(Erase):
    """One conversation."""

    @extend_schema(responses=shapes.ConversationSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Show who answers now and how far the messages go."""
        return Response(state_of(self.conversation(request, pk)))


class Messages(VisitorView):
    """Read and send messages."""

    @extend_schema(
        parameters=[
            OpenApiParameter("after", int, description="Sequence number; 0 for all"),
            OpenApiParameter("wait", float, description="Seconds to wait for something new"),
            OpenApiParameter("changes", str, description="`changes` of the last answer"),
            OpenApiParameter("seen", bool, description="1: the customer looks at the chat now"),
            OpenApiParameter("language", str, description="Language of the page, such as de"),
        ],
        responses=shapes.MessagesSerializer,
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """List messages after a sequence number, waiting for one if asked to."""
        conversation = self.conversation(request, pk)
        note_language(conversation, request.query_params.get("language", ""))
        if request.query_params.get("seen") == "1":
            handoffs.seen(conversation.pk)
        after = _number(request, "after", 0)
        wait = min(_number(request, "wait", 0), MAX_WAIT_SECONDS)
        ends, stamp = time.monotonic() + wait, stamp_of(conversation)
        # What has changed since the browser's last answer is told at once, not after the wait.
        known = request.query_params.get("changes") or stamp
        while conversation.last_seq <= after and stamp == known and time.monotonic() < ends:
            # A waiting browser must not hold a pooled connection.
            connection.close()
            time.sleep(POLL_SECONDS)
            conversation = self.look_again(request, pk)
            stamp = stamp_of(conversation)
        rows = [message_frame(row) for row in rows_after(conversation.pk, int(after))]
        rows += [message_frame(row) for row in revised_until(conversation.pk, int(after))]
        return Response(
            {
                **state_of(conversation),
                "messages": rows,
                "states": states_of(conversation),
                "banner": banner_frame(ServiceState.current()),
                "typing": "agent" if agent_typed_at(conversation.pk) else "",
                "changes": stamp,
            }
        )

    @extend_schema(
        request=shapes.SendSerializer,
        responses={201: shapes.AcceptedSerializer, 200: shapes.AcceptedSerializer},
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Send a message; acknowledged when it is stored."""
        conversation = self.conversation(request, pk)
        sent = shapes.SendSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        limits.count_message(str(conversation.visitor_id), address_of(request))
        values: dict[str, Any] = sent.validated_data
        files = values["attachments"]
        accepted = submit(conversation, values["text"], values["client_id"], files)
        message = accepted.message
        body = {
            "id": str(message.pk),
            "client_id": str(message.client_msg_id),
            "seq": message.seq,
            "state": message.state,
        }
        return Response(body, status=201 if accepted.created else 200)


class Escalate(VisitorView):
    """Ask for a person."""

    @extend_schema(request=shapes.EscalateSerializer, responses=shapes.ConversationSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Ask for a person; asking twice is one request."""
        conversation = self.conversation(request, pk)
        given = shapes.EscalateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            refuse_blocked(conversation)
        except VisitorBlocked:
            return refused("blocked")
        escalations.request_person(conversation.pk, given.validated_data["note"])
        return Response(state_of(self.conversation(request, pk)))


class LeaveEmail(VisitorView):
    """Leave an e-mail address."""

    @extend_schema(request=shapes.EmailSerializer, responses=shapes.ConversationSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Have the replies of people sent to an address too."""
        conversation = self.conversation(request, pk)
        given = shapes.EmailSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        limits.count_message(str(conversation.visitor_id), address_of(request))
        handoffs.take_email(conversation.pk, given.validated_data["email"])
        return Response(state_of(self.conversation(request, pk)))


class Withdraw(VisitorView):
    """Go on with the assistant."""

    @extend_schema(request=None, responses=shapes.ConversationSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Take the request for a person back."""
        conversation = self.conversation(request, pk)
        try:
            escalations.withdraw(conversation.pk)
        except TransitionRefused:
            return refused("not_waiting")
        return Response(state_of(self.conversation(request, pk)))


class Typing(VisitorView):
    """The customer is writing."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Tell the agents who look at the chat."""
        conversation = self.conversation(request, pk)
        limits.count_typing(str(conversation.visitor_id))
        customer_types(conversation.pk)
        return Response(status=204)


class Rate(VisitorView):
    """Rate a final reply."""

    @extend_schema(request=shapes.FeedbackSerializer, responses={200: shapes.FeedbackSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Set, change or (0) take back the rating."""
        message = self.message(request, pk)
        given = shapes.FeedbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        if not feedback.rate(message.conversation, message.pk, **given.validated_data):
            return Response({"code": "not_found", "text": texts.error("not_found")}, status=404)
        return Response(given.validated_data)


class Stop(VisitorView):
    """Stop an answer."""

    @extend_schema(request=None, responses={204: None, 409: shapes.ErrorSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Stop answering this question."""
        message = self.message(request, pk)
        stopped = messages.stop(message.conversation_id, message.pk)
        return Response(status=204) if stopped else refused("nothing_to_stop")


class Retry(VisitorView):
    """Ask a stopped question again."""

    @extend_schema(request=None, responses={204: None, 409: shapes.ErrorSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Answer this question after all."""
        message = self.message(request, pk)
        again = messages.retry(message.conversation_id, message.pk)
        return Response(status=204) if again else refused("nothing_to_retry")


def _json_if_any(request: Request) -> Any:
    """Return the body; whoever sends none need not name its type."""
    try:
        return request.data
    except UnsupportedMediaType:
        return {}


def site_refused(code: str, key: str) -> Response:
    """Refuse to begin a chat on a site, and log it."""
    logger.warning("site.refused", extra={"code": code, "key_start": key_start(key)})
    return Response({"code": code, "text": texts.error(code)}, status=403)


def refused(code: str) -> Response:
    """Return a conflict with its sentence."""
    return Response({"code": code, "text": texts.error(code)}, status=409)


def state_of(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation's state."""
    owner = owner_frame(conversation)
    return {
        "id": str(conversation.pk),
        "owner": owner["owner"],
        "agent": owner["agent"],
        "email": owner["email"],
        "place": owner["place"],
        "last_seq": conversation.last_seq,
    }


def _number(request: Request, name: str, default: float) -> float:
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        value = -1.0
    if not 0 <= value < 2**31:
        raise ValidationError({name: f"{name} must be a number from 0 on."})
    return value

"""A visitor's chats as things: the list, erasing, the transcript, what comes along with them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import limits, texts
from conversations.actions import answer_signals, conversations, mails, visits
from conversations.api import visit_shapes as shapes
from conversations.api.serializers import ErrorSerializer
from conversations.api.visitor_views import VisitorView, address_of
from conversations.models import Conversation, Message, MessageRole, Visitor
from conversations.transcript import messages_of, transcript_of

LISTED = 30
TITLE_CHARACTERS = 120


def chats_of(visitor: Visitor) -> list[dict[str, Any]]:
    """Return a visitor's chats in which something was written, the newest first."""
    mine = Message.objects.filter(conversation=OuterRef("pk"))
    said = mine.filter(role=MessageRole.CUSTOMER).exclude(text="")
    asked = said.order_by("seq").values("text")[:1]
    rows = visitor.conversations.filter(Exists(mine)).annotate(title=Subquery(asked))
    return [
        {
            "id": str(row.pk),
            "title": " ".join((row.title or "").split())[:TITLE_CHARACTERS],
            "owner": row.owner,
            "last_seq": row.last_seq,
            "updated_at": row.updated_at.isoformat(),
        }
        for row in rows.order_by("-updated_at")[:LISTED]
    ]


class Erase(VisitorView):
    """Delete a chat for good."""

    @extend_schema(responses={200: shapes.ErasedSerializer})
    def delete(self, request: Request, pk: uuid.UUID) -> Response:
        """Erase the chat with everything that came of it; without another, the visitor too."""
        return Response({"chats_left": conversations.erase(self.conversation(request, pk))})


class Transcript(VisitorView):
    """The chat to keep."""

    @extend_schema(
        parameters=[OpenApiParameter("lang", str, description="Of the words around the messages")],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """Return the chat as plain text."""
        conversation = self.conversation(request, pk)
        language = request.query_params.get("lang", "") or texts.chat_language(conversation)
        text = transcript_of(conversation, list(messages_of(conversation)), language)
        name = f"chat-{conversation.created_at:%Y-%m-%d}.txt"
        answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class MailTranscript(VisitorView):
    """The chat by e-mail."""

    @extend_schema(
        request=shapes.MailTranscriptSerializer,
        responses={202: None, 400: ErrorSerializer, 429: ErrorSerializer},
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Send the chat as it is now to an address. Asked twice at once it is sent once."""
        conversation = self.conversation(request, pk)
        given = shapes.MailTranscriptSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        mails.send_transcript(conversation, address=address_of(request), **given.validated_data)
        return Response(status=202)


class Context(VisitorView):
    """Where the customer is."""

    @extend_schema(request=shapes.ContextSerializer, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Keep the page's address and what the page says of the customer."""
        given = shapes.ContextSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        visits.note_context(self.conversation(request, pk), given.validated_data)
        return Response(status=204)


class Signals(VisitorView):
    """What the customer did with the replies."""

    @extend_schema(request=shapes.SignalsSerializer, responses={204: None, 429: ErrorSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Count each thing once, however often it is sent; what makes no sense is left out."""
        conversation = self.conversation(request, pk)
        limits.count_signals(str(conversation.visitor_id))
        given = shapes.SignalsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answer_signals.note(conversation, given.validated_data["signals"])
        return Response(status=204)


class RateChat(VisitorView):
    """Was it solved?"""

    @extend_schema(request=shapes.ChatRatingSerializer, responses={204: None})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Set or change the rating of the whole chat."""
        given = shapes.ChatRatingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        visits.rate_chat(self.conversation(request, pk), **given.validated_data)
        return Response(status=204)


class Report(VisitorView):
    """Report a problem."""

    @extend_schema(request=shapes.ReportSerializer, responses={204: None, 404: ErrorSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Tell a person what is wrong with a message or with the chat."""
        given = shapes.ReportSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        conversation: Conversation = self.conversation(request, pk)
        if not visits.report_problem(conversation, **given.validated_data):
            return Response({"code": "not_found", "text": texts.error("not_found")}, status=404)
        return Response(status=204)

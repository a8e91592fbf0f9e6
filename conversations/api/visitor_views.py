"""Views of one visitor's own things."""

from __future__ import annotations

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.views import APIView

from conversations import limits
from conversations.api.authentication import IsVisitor, VisitorAuthentication
from conversations.models import Conversation, Message


class VisitorView(APIView):
    """A view of one visitor's own things; everything else is not found."""

    authentication_classes = [VisitorAuthentication]
    permission_classes = [IsVisitor]

    def conversation(self, request: Request, pk: uuid.UUID) -> Conversation:
        """Return the visitor's conversation, or 404."""
        mine = Conversation.objects.select_related("agent", "visitor")
        found: Conversation = get_object_or_404(mine, pk=pk, visitor=request.user)
        return found

    def look_again(self, request: Request, pk: uuid.UUID) -> Conversation:
        """Return the conversation as it is now, if the token still opens it. Raises otherwise."""
        VisitorAuthentication().authenticate(request)
        return self.conversation(request, pk)

    def message(self, request: Request, pk: uuid.UUID) -> Message:
        """Return a message of the visitor's conversations, or 404."""
        mine = Message.objects.select_related("conversation__visitor")
        found: Message = get_object_or_404(mine, pk=pk, conversation__visitor=request.user)
        return found


def address_of(request: Request) -> str:
    """Return the customer's network address."""
    meta = request.META
    return limits.client_address(
        str(meta.get("REMOTE_ADDR", "")), str(meta.get("HTTP_X_FORWARDED_FOR", ""))
    )

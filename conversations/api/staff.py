"""Staff's endpoints: try a search, try a question."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from conversations import wiring
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import Question
from conversations.api import serializers as shapes
from conversations.asking import reply_row, turns_of
from conversations.loading import unknown_replies_stay_here
from knowledge.management.commands.search import passage_row
from knowledge.retrieval.values import Reader
from knowledge.wiring import searcher


class MayViewDocuments(BasePermission):
    """Staff that may see documents may also search all of them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the account's permission."""
        user: Any = request.user
        return bool(user and user.is_staff and user.has_perm("knowledge.view_document"))


class StaffView(APIView):
    """Signed in to the admin."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [MayViewDocuments]


class Search(StaffView):
    """Try a search."""

    @extend_schema(request=shapes.SearchQuerySerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """Return the passages a query finds."""
        given = shapes.SearchQuerySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        found = searcher().retrieve(values["query"], _reader(values), values["limit"])
        return Response(
            {
                "passages": [passage_row(passage) for passage in found.passages],
                "degraded": found.degraded,
                "timings_ms": found.timings_ms,
            }
        )


class Ask(StaffView):
    """Try a question."""

    @extend_schema(request=shapes.AskSerializer, responses={200: dict[str, Any]})
    def post(self, request: Request) -> Response:
        """Return the reply that a customer would get."""
        given = shapes.AskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        try:
            history = turns_of(values["history"], replies_stay_here=unknown_replies_stay_here())
        except ValueError as error:
            raise ValidationError({"history": str(error)}) from error
        asked = Question(values["question"], _reader(values), history)
        return Response(reply_row(answer(asked, wiring.toolbox(), SilentProgress())))


def _reader(values: dict[str, Any]) -> Reader:
    return Reader(frozenset(values["audience"]), values["collection"] or None)

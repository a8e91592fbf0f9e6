"""A customer's files: handed in before the message that sends them, and read back."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import limits, texts
from conversations.actions import attachments
from conversations.api import serializers as shapes
from conversations.api.visitor_views import VisitorView, address_of
from conversations.file_answers import file_answer
from conversations.models import Attachment, MessageRole
from conversations.protocol import attachment_row


class HandIn(VisitorView):
    """Hand in a file."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": shapes.FileSerializer},
        responses={
            201: shapes.AttachmentSerializer,
            200: shapes.AttachmentSerializer,
            400: shapes.ErrorSerializer,
            413: shapes.ErrorSerializer,
        },
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Keep a picture, PDF or plain text for a day; a message sends it by its client_id."""
        conversation = self.conversation(request, pk)
        limits.count_file(str(conversation.visitor_id), address_of(request))
        given = shapes.FileSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file, client_id = given.validated_data["file"], given.validated_data["client_id"]
        attachments.check_size(file.size)
        try:
            row, created = attachments.take(conversation, file.name, file.read(), client_id)
        except OSError:
            return Response({"code": "unavailable", "text": texts.error("unavailable")}, status=503)
        return Response(attachment_row(row), status=201 if created else 200)


class OneFile(VisitorView):
    """One file of a chat."""

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: uuid.UUID, attachment: uuid.UUID) -> HttpResponse:
        """Return a file that was sent, or the customer's own that was not."""
        return file_answer(self._file(request, pk, attachment))

    @extend_schema(responses={204: None, 404: shapes.ErrorSerializer})
    def delete(self, request: Request, pk: uuid.UUID, attachment: uuid.UUID) -> Response:
        """Take back a file that no message has sent."""
        row = self._file(request, pk, attachment)
        with transaction.atomic():
            taken_back = attachments.drop(Attachment.objects.filter(pk=row.pk, message=None))
        if taken_back:
            return Response(status=204)
        return Response({"code": "not_found", "text": texts.error("not_found")}, status=404)

    def _file(self, request: Request, pk: uuid.UUID, attachment: uuid.UUID) -> Attachment:
        shown = Q(message__isnull=False) | Q(role=MessageRole.CUSTOMER)
        rows = self.conversation(request, pk).attachments.filter(shown)
        found: Attachment = get_object_or_404(rows, pk=attachment)
        return found

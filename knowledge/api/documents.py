"""Staff's documents: list, upload, state, versions, retry, withdraw."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.pagination import PageNumberPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from knowledge.actions.documents import retry, withdraw
from knowledge.intake import IN_ARCHIVE, Submitted, ring, submit
from knowledge.models import Audience, Collection, Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION

PERMISSIONS = {"GET": "knowledge.view_document", "POST": "knowledge.change_document"}


class MayUseDocuments(BasePermission):
    """Reading needs the permission to view documents, everything else to change them."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the account's permission for the method."""
        user: Any = request.user
        needed = PERMISSIONS.get(request.method or "", "knowledge.change_document")
        return bool(user and user.is_staff and user.has_perm(needed))


class Pages(PageNumberPagination):
    """Fifty documents a page."""

    page_size = 50


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document and where it stands."""

    collection = serializers.SlugRelatedField[Collection](slug_field="slug", read_only=True)
    audiences = serializers.SlugRelatedField[Audience](slug_field="slug", many=True, read_only=True)
    version = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id", "title", "path", "collection", "audiences", "url", "language", "status",
            "error", "progress_done", "progress_total", "version", "created_at", "updated_at",
        )  # fmt: skip

    def get_version(self, document: Document) -> int:
        """Return the number of the version that answers; 0 before the first."""
        return document.current_version.number if document.current_version else 0


class UploadSerializer(serializers.Serializer[object]):
    """Files and where they go."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), allow_empty=False
    )
    collection = serializers.SlugField(required=False, default=DEFAULT_COLLECTION)
    audiences = serializers.ListField(child=serializers.SlugField(), required=False, default=None)


class UploadedSerializer(serializers.Serializer[object]):
    """What became of one file."""

    name = serializers.CharField()
    id = serializers.UUIDField()
    status = serializers.CharField()
    error = serializers.CharField(allow_blank=True)


class DocumentView(APIView):
    """Signed in to the admin, with the permission for documents."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [MayUseDocuments]

    def documents(self) -> QuerySet[Document]:
        """Return the documents with all that a row shows."""
        rows = Document.objects.select_related("collection", "current_version")
        return rows.prefetch_related("audiences")


class Documents(DocumentView):
    """All documents."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        parameters=[
            OpenApiParameter("status", str, description="Only this state"),
            OpenApiParameter("page", int),
        ],
        responses=DocumentSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List documents, newest first."""
        rows = self.documents()
        wanted = request.query_params.get("status")
        if wanted:
            if wanted not in DocumentStatus.values:
                known = ", ".join(DocumentStatus.values)
                raise serializers.ValidationError({"status": f"It is one of {known}."})
            rows = rows.filter(status=wanted)
        pages = Pages()
        page = pages.paginate_queryset(rows.order_by("-updated_at"), request)
        return pages.get_paginated_response(DocumentSerializer(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        responses={202: UploadedSerializer(many=True)},
    )
    def post(self, request: Request) -> Response:
        """Upload files; each gets its own row, as does each in a ZIP. A bad one stops no other."""
        given = UploadSerializer(data=_form_values(request))
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = given.validated_data
        rows = [row for file in values["files"] for row in _submit(file, values)]
        return Response(UploadedSerializer(rows, many=True).data, status=202)


class DocumentDetail(DocumentView):
    """One document."""

    @extend_schema(responses=DocumentSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Show where a document stands."""
        return Response(DocumentSerializer(get_object_or_404(self.documents(), pk=pk)).data)


class RetryDocument(DocumentView):
    """Read a document again."""

    @extend_schema(request=None, responses={202: DocumentSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Queue a failed or withdrawn document again."""
        document = get_object_or_404(self.documents(), pk=pk)
        if not retry(document):
            text = "There is no stored file to read. Upload it again."
            return Response({"code": "nothing_to_retry", "text": text}, status=409)
        ring(document)
        return Response(DocumentSerializer(self.documents().get(pk=pk)).data, status=202)


class WithdrawDocument(DocumentView):
    """Take a document out of the answers."""

    @extend_schema(request=None, responses=DocumentSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Withdraw; its versions stay."""
        withdraw(get_object_or_404(self.documents(), pk=pk))
        return Response(DocumentSerializer(self.documents().get(pk=pk)).data)


def _form_values(request: Request) -> dict[str, Any]:
    """Return a multipart form's fields; those that may be repeated as lists."""
    form: Any = request.data
    values: dict[str, Any] = {"files": form.getlist("files")}
    if "collection" in form:
        values["collection"] = form["collection"]
    if form.getlist("audiences"):
        values["audiences"] = form.getlist("audiences")
    return values


def _submit(file: Any, values: dict[str, Any]) -> list[dict[str, Any]]:
    submitted = submit(
        name=file.name,
        content=file.read(),
        collection=values["collection"],
        audiences=values["audiences"],
    )
    return [_uploaded(file.name, one) for one in submitted]


def _uploaded(name: str, submitted: Submitted) -> dict[str, Any]:
    document = submitted.document
    return {
        "name": f"{name}{IN_ARCHIVE}{submitted.member}" if submitted.member else name,
        "id": document.pk,
        "status": "unchanged" if submitted.unchanged else document.status,
        "error": document.error,
    }

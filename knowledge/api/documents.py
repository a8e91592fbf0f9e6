"""Staff's documents: list, upload, state, versions, and what can be done to them."""

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

from knowledge import acts
from knowledge.actions.documents import change_language
from knowledge.api.document_shapes import (
    DocumentSerializer,
    LanguageSerializer,
    RestoreSerializer,
    UploadedSerializer,
    UploadSerializer,
    VersionSeenSerializer,
    VersionSerializer,
)
from knowledge.intake import PublishedAlready, ring
from knowledge.models import Document, DocumentStatus
from knowledge.unpacking import Piece, pieces, submit_piece

PERMISSIONS = {"GET": "knowledge.view_document", "POST": "knowledge.change_document"}
REFUSED = "refused"


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


class DocumentView(APIView):
    """Signed in to the admin, with the permission for documents."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [MayUseDocuments]

    def documents(self) -> QuerySet[Document]:
        """Return the documents with all that a row shows."""
        rows = Document.objects.select_related("collection", "current_version", "owner")
        return rows.prefetch_related("audiences")

    def do(
        self, act: acts.Act, request: Request, pk: uuid.UUID, *, version: int = 0, code: str = ""
    ) -> Response:
        """Act on a document and return it; 409 with the code when that is not possible now."""
        user: Any = request.user
        try:
            act(get_object_or_404(self.documents(), pk=pk), acts.Asked(user, version))
        except acts.NotPossible as problem:
            return Response({"code": code, "text": str(problem)}, status=409)
        # Those that can fail for a reason are those that queue the document.
        document = self.documents().get(pk=pk)
        return Response(DocumentSerializer(document).data, status=202 if code else 200)


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
        rows = [
            _submit(piece, values)
            for file in values["files"]
            for piece in pieces(file.name, file.read())
        ]
        return Response(UploadedSerializer(rows, many=True).data, status=202)


class DocumentDetail(DocumentView):
    """One document."""

    @extend_schema(responses=DocumentSerializer)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Show where a document stands."""
        return Response(DocumentSerializer(get_object_or_404(self.documents(), pk=pk)).data)


class DocumentVersions(DocumentView):
    """A document's history."""

    @extend_schema(responses=VersionSerializer(many=True))
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """List the versions, newest first, with what stood out in each."""
        document = get_object_or_404(self.documents(), pk=pk)
        versions = document.versions.defer("text", "signature").order_by("-number")
        context = {"in_use": document.current_version_id}
        return Response(VersionSerializer(versions, many=True, context=context).data)


class RetryDocument(DocumentView):
    """Read a document again."""

    @extend_schema(request=None, responses={202: DocumentSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Queue a failed or withdrawn document again."""
        return self.do(acts.retry, request, pk, code="nothing_to_retry")


class WithdrawDocument(DocumentView):
    """Take a document out of the answers."""

    @extend_schema(request=None, responses=DocumentSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Withdraw; its versions stay."""
        return self.do(acts.withdraw, request, pk)


class ReleaseDocument(DocumentView):
    """Let a held document answer."""

    @extend_schema(request=VersionSeenSerializer, responses={202: DocumentSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Release the held version; 409 when it is not the one that was looked at."""
        given = VersionSeenSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        version = given.validated_data["version"]
        return self.do(acts.release, request, pk, version=version, code="nothing_to_release")


class RestoreDocument(DocumentView):
    """Go back to an earlier version."""

    @extend_schema(request=RestoreSerializer, responses={202: DocumentSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Bring back a version as the newest one; the history stays."""
        given = RestoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        version = given.validated_data["version"]
        return self.do(acts.restore, request, pk, version=version, code="nothing_to_restore")


class PublishDocument(DocumentView):
    """Let customers get answers from a document."""

    @extend_schema(request=None, responses=DocumentSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Publish; nothing is embedded again."""
        return self.do(acts.publish, request, pk)


class DocumentLanguage(DocumentView):
    """Say which language a document is in."""

    @extend_schema(request=LanguageSerializer, responses={202: DocumentSerializer})
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Set the language; a document that answers is indexed again with it."""
        given = LanguageSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        document = get_object_or_404(self.documents(), pk=pk)
        if change_language(document, given.validated_data["language"]):
            ring(document)
        return Response(DocumentSerializer(self.documents().get(pk=pk)).data, status=202)


class UnpublishDocument(DocumentView):
    """Keep a document for tests."""

    @extend_schema(request=None, responses=DocumentSerializer)
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        """Unpublish; it stays indexed and can be tested."""
        return self.do(acts.unpublish, request, pk)


def _form_values(request: Request) -> dict[str, Any]:
    """Return a multipart form's fields; those that may be repeated as lists."""
    form: Any = request.data
    values: dict[str, Any] = {"files": form.getlist("files")}
    values |= {name: form[name] for name in ("collection", "published") if name in form}
    if form.getlist("audiences"):
        values["audiences"] = form.getlist("audiences")
    return values


def _submit(piece: Piece, values: dict[str, Any]) -> dict[str, Any]:
    try:
        submitted = submit_piece(
            piece,
            collection=values["collection"],
            audiences=values["audiences"],
            published=values["published"],
        )
    except PublishedAlready as error:
        return {"name": piece.shown, "id": None, "status": REFUSED, "error": str(error)}
    document = submitted.document
    return {
        "name": piece.shown,
        "id": document.pk,
        "status": "unchanged" if submitted.unchanged else document.status,
        "error": document.error,
    }

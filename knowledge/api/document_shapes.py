"""How documents and their versions look over HTTP, and what is sent to change them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from knowledge.language_names import LANGUAGE_CHOICES
from knowledge.models import Audience, Collection, Document, DocumentVersion
from knowledge.models.collection import DEFAULT_COLLECTION

MOST_VERSIONS = 1_000_000_000


class DocumentSerializer(serializers.ModelSerializer[Document]):
    """A document and where it stands."""

    collection = serializers.SlugRelatedField[Collection](slug_field="slug", read_only=True)
    audiences = serializers.SlugRelatedField[Audience](slug_field="slug", many=True, read_only=True)
    version = serializers.SerializerMethodField()
    owner = serializers.SerializerMethodField()

    class Meta:
        model = Document
        fields = (
            "id", "title", "path", "kind", "collection", "audiences", "url", "language",
            "given_language", "status",
            "error", "progress_done", "progress_total", "heartbeat_at", "published", "valid_from",
            "valid_until", "owner", "review_by", "version", "created_at", "updated_at",
        )  # fmt: skip

    def get_version(self, document: Document) -> int:
        """Return the number of the version that answers; 0 before the first."""
        return document.current_version.number if document.current_version else 0

    def get_owner(self, document: Document) -> str:
        """Return the account's name, "" for nobody."""
        return document.owner.get_username() if document.owner else ""


class VersionSerializer(serializers.ModelSerializer[DocumentVersion]):
    """An immutable state of a document; `findings` are {code, detail, holds, start, end}."""

    in_use = serializers.SerializerMethodField()
    findings = serializers.ListField(child=serializers.JSONField(), read_only=True)
    probes = serializers.ListField(child=serializers.JSONField(), read_only=True)

    class Meta:
        model = DocumentVersion
        fields = (
            "number", "in_use", "media_type", "size_bytes", "updated_on", "content_hash",
            "findings", "probes", "embedding_model", "released_at", "restored_from", "created_at",
            "indexed_at",
        )  # fmt: skip

    def get_in_use(self, version: DocumentVersion) -> bool:
        """Say whether it is the one that answers."""
        return bool(version.pk == self.context.get("in_use"))


class VersionSeenSerializer(serializers.Serializer[object]):
    """Which version was looked at; 0 when that does not matter."""

    version = serializers.IntegerField(
        min_value=0, max_value=MOST_VERSIONS, required=False, default=0
    )


class RestoreSerializer(serializers.Serializer[object]):
    """Which version comes back."""

    version = serializers.IntegerField(min_value=1, max_value=MOST_VERSIONS)


class LanguageSerializer(serializers.Serializer[object]):
    """Which language a document is in; "" to have it detected."""

    language = serializers.ChoiceField(choices=LANGUAGE_CHOICES, allow_blank=True)


class UploadSerializer(serializers.Serializer[object]):
    """Files and where they go. `published`: whether new documents answer once they are ready."""

    files = serializers.ListField(
        child=serializers.FileField(allow_empty_file=True), allow_empty=False
    )
    collection = serializers.SlugField(required=False, default=DEFAULT_COLLECTION)
    audiences = serializers.ListField(child=serializers.SlugField(), required=False, default=None)
    published = serializers.BooleanField(required=False, default=True)


class UploadedSerializer(serializers.Serializer[Any]):
    """What became of one file; `id` is empty for one that was refused."""

    name = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    status = serializers.CharField()
    error = serializers.CharField(allow_blank=True)

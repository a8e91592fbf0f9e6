"""Collections and audiences: which documents are searched together, and who may read them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from knowledge.actions.readers import change_collection_audiences
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.models import Audience, Collection
from knowledge.models.collection import DEFAULT_COLLECTION, INTERNAL_AUDIENCE, PUBLIC_AUDIENCE


@admin.register(Collection)
class CollectionAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Collections, with how many documents each holds."""

    list_display = ("name", "slug", "readers", "document_count", "local_models_only")
    search_fields = ("name", "slug")
    fields = ("name", "slug", "audiences", "local_models_only")
    actions = ("give_readers",)
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        """Count the documents with the rows."""
        rows: QuerySet[Collection] = super().get_queryset(request)
        return rows.prefetch_related("audiences").annotate(number=Count("documents"))

    @admin.display(description="Readers of new documents")
    def readers(self, collection: Collection) -> str:
        """Return the default audiences in one line."""
        return ", ".join(a.name for a in collection.audiences.all()) or "nobody"

    @admin.display(description="Documents", ordering="number")
    def document_count(self, collection: Any) -> int:
        """Return how many documents it holds."""
        return int(collection.number)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A collection keeps its slug: indexed chunks carry it."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only an empty collection that is not the default one can go."""
        allowed: bool = super().has_delete_permission(request, obj)
        if obj is None:
            return allowed
        return allowed and obj.slug != DEFAULT_COLLECTION and not obj.documents.exists()

    @admin.action(
        description="Give all their documents the collection's readers", permissions=["change"]
    )
    def give_readers(self, request: HttpRequest, chosen: QuerySet[Collection]) -> None:
        """Make the readers of new documents those of the documents that are there, too."""
        for collection in chosen:
            readers = list(collection.audiences.values_list("slug", flat=True))
            number = change_collection_audiences(collection, readers)
            noun = "document has" if number == 1 else "documents have"
            messages.success(request, f"{collection}: {number} {noun} other readers now.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would skip the check above."""
        offered: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in offered.items() if name == "give_readers"}


@admin.register(Audience)
class AudienceAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Groups of readers."""

    list_display = ("name", "slug", "document_count")
    search_fields = ("name", "slug")
    fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Audience]:
        """Count the documents with the rows."""
        rows: QuerySet[Audience] = super().get_queryset(request)
        return rows.annotate(number=Count("documents"))

    @admin.display(description="Documents", ordering="number")
    def document_count(self, audience: Any) -> int:
        """Return how many documents these readers may see."""
        return int(audience.number)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An audience keeps its slug: indexed chunks carry it."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only an audience that no document carries can go, and never the two built-in ones."""
        allowed: bool = super().has_delete_permission(request, obj)
        if obj is None:
            return allowed
        built_in = obj.slug in (PUBLIC_AUDIENCE, INTERNAL_AUDIENCE)
        return allowed and not built_in and not obj.documents.exists()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would skip the check above."""
        return {}

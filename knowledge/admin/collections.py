"""Collections and audiences: which documents are searched together, and who may read them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldBooleanSwitchWidget

from knowledge.actions.readers import change_collection_audiences
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.models import Audience, Chunk, Collection, DocumentStatus, IndexGeneration
from knowledge.models.collection import DEFAULT_COLLECTION, INTERNAL_AUDIENCE, PUBLIC_AUDIENCE


class CollectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A collection, with words for what its switches mean."""

    for_documents = forms.BooleanField(
        required=False,
        label="Also for its documents",
        help_text="Give these readers to all of its present documents too. Nothing is embedded "
        "again",
        widget=UnfoldBooleanSwitchWidget(),
    )

    class Meta:
        model = Collection
        fields = ("name", "slug", "local_models_only", "audiences")
        labels = {"local_models_only": "Local models only", "audiences": "Readers"}
        help_texts = {
            "local_models_only": (
                "On: no passage of these documents is sent to a language model outside this "
                "machine, except on hosts in LLM_LOCAL_HOSTS. While the connected model is "
                "elsewhere, customers get quotes from them in place of written answers. Counts "
                "from the next question on."
            ),
            "audiences": "New documents of this collection are for these readers. Documents that "
            "are here already keep theirs, unless you say otherwise.",
        }


@admin.register(Collection)
class CollectionAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Collections, with how many documents each holds and where its passages may go."""

    form = CollectionForm
    empty_list = (
        "There are no collections. Add one to keep documents that are searched together, with "
        "their own readers."
    )
    list_display = ("name", "slug", "readers", "models", "ready_count", "document_count")
    list_filter = ("local_models_only",)
    search_fields = ("name", "slug")
    change_form_outer_before_template = "admin/knowledge/collection_counts.html"
    actions = ("give_readers",)
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Collection]:
        """Count the documents with the rows."""
        rows: QuerySet[Collection] = super().get_queryset(request)
        ready = Count("documents", filter=Q(documents__status=DocumentStatus.INDEXED))
        counted = rows.annotate(number=Count("documents"), ready=ready)
        return counted.prefetch_related("audiences")

    @admin.display(description="Readers of new documents")
    def readers(self, collection: Collection) -> str:
        """Return the default audiences in one line."""
        return ", ".join(a.name for a in collection.audiences.all()) or "nobody"

    @admin.display(description="Language models", ordering="local_models_only")
    def models(self, collection: Collection) -> str:
        """Return which models may get its passages."""
        return "local ones only" if collection.local_models_only else "any"

    @admin.display(description="Ready", ordering="ready")
    def ready_count(self, collection: Any) -> int:
        """Return how many documents answer."""
        return int(collection.ready)

    @admin.display(description="Documents", ordering="number")
    def document_count(self, collection: Any) -> int:
        """Return how many documents it holds."""
        return int(collection.number)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show how its documents stand above the form."""
        collection = self.get_object(request, object_id) if object_id else None
        more = {"collection": collection, **_counts_of(collection), **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, more)
        return response

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A collection keeps its slug: indexed chunks carry it."""
        return ("slug",) if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A new collection has no documents to give readers to."""
        own = ("name", "slug", "local_models_only", "audiences")
        return (*own, "for_documents") if obj else own

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give the readers to the documents too when that was asked for."""
        super().save_related(request, form, formsets, change)
        if not form.cleaned_data.get("for_documents"):
            return
        slugs = [audience.slug for audience in form.cleaned_data["audiences"]]
        self._tell(request, form.instance, change_collection_audiences(form.instance, slugs))

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
            self._tell(request, collection, change_collection_audiences(collection, readers))

    def _tell(self, request: HttpRequest, collection: Collection, number: int) -> None:
        noun = "document has" if number == 1 else "documents have"
        messages.success(request, f"{collection}: {number} {noun} other readers now.")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer no deletion of many at once: it would skip the check above."""
        offered: dict[str, Any] = super().get_actions(request)
        return {name: action for name, action in offered.items() if name == "give_readers"}


def _counts_of(collection: Collection | None) -> dict[str, Any]:
    """Return (status, its words, how many) for each state that some document is in."""
    if collection is None:
        return {}
    rows = collection.documents.order_by("status").values_list("status").annotate(Count("pk"))
    by: dict[str, int] = dict(rows)
    states = [(s.value, str(s.label).lower(), by[s.value]) for s in DocumentStatus if s.value in by]
    generation = IndexGeneration.objects.in_use()
    chunks = Chunk.objects.filter(
        generation=generation,
        version__document__collection=collection,
        version=F("version__document__current_version"),
    )
    return {"states": states, "passages": chunks.count() if generation else 0}


@admin.register(Audience)
class AudienceAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Groups of readers."""

    empty_list = (
        "There are no groups of readers. Add one, for example customers, partners or your own "
        "people."
    )
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

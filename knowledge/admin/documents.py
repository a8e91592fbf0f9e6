"""Documents in the admin: their states, and what to do about them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from knowledge import acts, overview
from knowledge.actions import documents as actions
from knowledge.actions.readers import change_audiences, change_validity, publish
from knowledge.actions.reviews import set_review, to_review
from knowledge.admin import bulk
from knowledge.admin.asking import asked_by, number_in
from knowledge.admin.details import details_of
from knowledge.admin.document_columns import COLUMNS, DocumentColumns
from knowledge.admin.document_form import DocumentForm
from knowledge.admin.filters import FILTERS, StateFilter
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.admin.panels import panels_of
from knowledge.admin.states import places_in_queue, state_of, why_it_answers_nobody
from knowledge.admin.upload import upload_page
from knowledge.admin.versions import compare_page
from knowledge.intake import ring
from knowledge.models import Document
from knowledge.queue_watch import nobody_consumes

# A page of the list asks for the states of its own rows only.
MOST_STATES = 200
_LABELS = {"url": "Public address", "audiences": "Readers"}


@admin.register(Document)
class DocumentAdmin(DocumentColumns, bulk.BulkActions, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The list, the upload page, and each document's page."""

    form = DocumentForm
    list_display = COLUMNS
    list_filter = FILTERS
    search_fields = ("title", "path", "url", "error")
    search_help_text = "Title, path or reason"
    list_fullwidth = True
    list_per_page = 50
    show_add_link = False
    change_list_template = "admin/knowledge/document_list.html"
    list_before_template = "admin/knowledge/document_overview.html"
    change_form_template = "admin/knowledge/document_form.html"
    change_form_outer_before_template = "admin/knowledge/document_state.html"
    change_form_outer_after_template = "admin/knowledge/document_details.html"
    readonly_fields = ("collection", "path", "kind", "came_from", "language")
    fieldsets = (
        (None, {"fields": ("title", "url", "audiences", "given_language")}),
        ("When it answers", {"fields": ("published", "valid_from", "valid_until")}),
        ("Who looks after it", {"fields": ("owner", "review_by")}),
        ("Where it comes from", {"fields": readonly_fields}),
    )
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS
    actions = bulk.ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Fetch what a row of the list shows."""
        rows: QuerySet[Document] = super().get_queryset(request)
        return rows.select_related("collection", "owner").prefetch_related("audiences")

    def get_urls(self) -> list[URLPattern]:
        """Add upload, live states, the comparison of versions, and what the buttons do."""
        view = self.admin_site.admin_view
        own = [
            path("upload/", view(self.upload), name="knowledge_document_upload"),
            path("states/", view(self.states), name="knowledge_document_states"),
            path("act/", view(require_POST(self.act_on_all)), name="knowledge_document_all_act"),
            path(
                "<uuid:document_id>/act/",
                view(require_POST(self.act)),
                name="knowledge_document_act",
            ),
            path(
                "<uuid:document_id>/versions/",
                view(self.versions),
                name="knowledge_document_versions",
            ),
        ]
        return [*own, *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name the fields as people do, and let them carry what they were."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.label = _LABELS.get(db_field.name, field.label)
            field.show_hidden_initial = True
        return field

    # --- the list ---------------------------------------------------------------------------
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the numbers of all documents and who works on them."""
        numbers, due = overview.numbers(), to_review(timezone.now())
        more = {
            "groups": [{"group": group, "number": numbers[group.key]} for group in overview.GROUPS],
            "total": sum(numbers.values()),
            "failed": numbers["failed"],
            "chosen_group": request.GET.get(StateFilter.parameter_name, ""),
            "banner": nobody_consumes(),
            "due": due.count(),
            "due_mine": due.filter(owner_id=request.user.pk).count(),
            "may_change": self.has_change_permission(request),
        }
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Give the rows of this page their places in the queue, which costs one question."""
        found = super().get_changelist_instance(request)
        places = places_in_queue(found.result_list)
        for row in found.result_list:
            row.place = places.get(row.pk, 0)
        return found

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        """Delete the rows and the points in the index."""
        actions.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        """Delete each of them, index included."""
        for document in queryset:
            actions.delete(document)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the documents, not their thousands of chunks."""
        names = [str(document) for document in objs]
        return names, {"documents": len(names)}, set(), []

    # --- pages of our own -------------------------------------------------------------------
    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Documents are added by uploading them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(reverse("admin:knowledge_document_upload"))

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Show the upload page and take files in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return upload_page(request, self.admin_site.each_context(request))

    def versions(self, request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
        """Show two versions of a document beside each other."""
        document = get_object_or_404(Document, pk=document_id)
        if not self.has_view_permission(request, document):
            raise PermissionDenied
        may_change = self.has_change_permission(request, document)
        context = self.admin_site.each_context(request)
        return compare_page(request, document, context, may_change=may_change)

    def states(self, request: HttpRequest) -> HttpResponse:
        """Return the states of the documents named by `ids`, and the numbers of all of them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = _uuids(request.GET.get("ids", "").split(",")[:MOST_STATES])
        rows = list(Document.objects.filter(pk__in=wanted).prefetch_related("audiences"))
        places = places_in_queue(rows)
        states = {str(row.pk): state_of(row, places.get(row.pk, 0)) for row in rows}
        found: dict[str, Any] = {"documents": states}
        if request.GET.get("overview"):
            found |= {"numbers": overview.numbers(), "banner": nobody_consumes()}
        return JsonResponse(found)

    def act(self, request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
        """Do what a button of the document's page says."""
        document = get_object_or_404(Document, pk=document_id)
        act = acts.ACTS.get(request.POST.get("action", ""))
        if act is None or not self.has_change_permission(request, document):
            raise PermissionDenied
        try:
            messages.success(request, f"{document} is {act(document, asked_by(request))}.")
        except acts.NotPossible as problem:
            messages.error(request, str(problem))
        return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[document.pk]))

    def act_on_all(self, request: HttpRequest) -> HttpResponse:
        """Do what a button above the list says."""
        wanted = request.POST.get("action") == "retry_failed"
        if not wanted or not self.has_change_permission(request):
            raise PermissionDenied
        number = acts.retry_all_failed()
        noun = "document is" if number == 1 else "documents are"
        messages.success(request, f"{number} failed {noun} queued again.")
        return HttpResponseRedirect(reverse("admin:knowledge_document_changelist"))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show state, versions and text beside the few fields that can be changed."""
        more = {"show_save_and_add_another": False, **(extra_context or {})}
        document = self.get_object(request, object_id) if object_id else None
        if document is not None:
            more |= self._shown(request, document)
        response: HttpResponse = super().changeform_view(request, object_id, form_url, more)
        return response

    def _shown(self, request: HttpRequest, document: Document) -> dict[str, Any]:
        place = places_in_queue([document]).get(document.pk, 0)
        return {
            "document": document,
            "state": state_of(document, place),
            "banner": nobody_consumes() if place else "",
            "answers_nobody": why_it_answers_nobody(document, timezone.now()),
            "panels": panels_of(request, document),
            "may_change": self.has_change_permission(request, document),
            **details_of(document, number_in(request.GET.get("passages", ""))),
        }

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        """Write only what the form changed: a worker or a colleague may be writing the rest."""
        changed, stored = set(form.changed_data), Document.objects.get(pk=obj.pk)

        def now(name: str) -> Any:
            return getattr(obj if name in changed else stored, name)

        if "url" in changed:
            obj.save(update_fields=["url", "updated_at"])
        if "published" in changed:
            publish(obj, published=obj.published)
        if changed & {"valid_from", "valid_until"}:
            change_validity(obj, now("valid_from"), now("valid_until"))
        if changed & {"owner", "review_by"}:
            set_review(obj, now("owner"), now("review_by"))
        again = "title" in changed and actions.rename(obj, obj.title)
        if "given_language" in changed:
            again |= actions.change_language(obj, obj.given_language)
        if again:
            transaction.on_commit(lambda: ring(obj), robust=True)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Change the readers through the action, which tells the index."""
        if "audiences" in form.changed_data:
            slugs = [audience.slug for audience in form.cleaned_data["audiences"]]
            change_audiences(form.instance, slugs)


def _uuids(texts: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found

"""Documents in the admin: their states, and what to do about them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from knowledge.actions import documents as actions
from knowledge.actions.readers import change_audiences
from knowledge.admin.details import details_of
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.admin.states import state_of
from knowledge.admin.upload import upload_page
from knowledge.intake import ring
from knowledge.models import Document
from observability.read_only_admin import ago

# A page of the list asks for the states of its own rows only.
MOST_STATES = 200
_LABELS = {"url": "Public address", "audiences": "Readers"}


@admin.register(Document)
class DocumentAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The list, the upload page, and each document's page."""

    list_display = ("shown_title", "shown_state", "collection", "readers", "when")
    list_filter = ("status", "collection", "audiences")
    search_fields = ("title", "path", "error")
    list_fullwidth = True
    list_per_page = 50
    show_add_link = False
    change_list_template = "admin/knowledge/document_list.html"
    change_form_outer_before_template = "admin/knowledge/document_state.html"
    change_form_outer_after_template = "admin/knowledge/document_details.html"
    fields = ("title", "url", "audiences", "collection", "path", "language")
    readonly_fields = ("collection", "path", "language")
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS
    actions = ("retry_chosen", "withdraw_chosen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Fetch what a row of the list shows."""
        rows: QuerySet[Document] = super().get_queryset(request)
        return rows.select_related("collection").prefetch_related("audiences")

    def get_urls(self) -> list[URLPattern]:
        """Add upload, live states and the buttons of a document's page."""
        site = self.admin_site
        own = [
            path("upload/", site.admin_view(self.upload), name="knowledge_document_upload"),
            path("states/", site.admin_view(self.states), name="knowledge_document_states"),
            path(
                "<uuid:document_id>/act/",
                site.admin_view(require_POST(self.act)),
                name="knowledge_document_act",
            ),
        ]
        return [*own, *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name the fields as people do."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in _LABELS:
            field.label = _LABELS[db_field.name]
        return field

    # --- the list ---------------------------------------------------------------------------
    @admin.display(description="Document", ordering="title")
    def shown_title(self, document: Document) -> SafeString:
        """Return the title with the path below it."""
        return render_to_string("admin/knowledge/title.html", {"document": document})

    @admin.display(description="State", ordering="status")
    def shown_state(self, document: Document) -> SafeString:
        """Return the state in words with its icon, and the reason or the progress."""
        return render_to_string(
            "admin/knowledge/state.html", {"document": document, "state": state_of(document)}
        )

    @admin.display(description="Readers")
    def readers(self, document: Document) -> str:
        """Return the audiences in one line."""
        return ", ".join(a.name for a in document.audiences.all()) or "nobody"

    @admin.display(description="Last change", ordering="updated_at")
    def when(self, document: Document) -> SafeString:
        """Return how long ago something happened."""
        return ago(document.updated_at)

    @admin.action(description="Retry: read and index again", permissions=["change"])
    def retry_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Queue the chosen documents again."""
        self._each(request, chosen, _retry, "queued again")

    @admin.action(description="Withdraw: no longer use for answers", permissions=["change"])
    def withdraw_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Take the chosen documents out of all answers."""
        self._each(request, chosen, _withdraw, "withdrawn")

    def _each(
        self,
        request: HttpRequest,
        chosen: Iterable[Document],
        act: Callable[[Document], str],
        done: str,
    ) -> None:
        problems = [f"{document}: {problem}" for document in chosen if (problem := act(document))]
        for problem in problems:
            messages.error(request, problem)
        number = len(list(chosen)) - len(problems)
        if number:
            noun = "document is" if number == 1 else "documents are"
            messages.success(request, f"{number} {noun} {done}.")

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

    def states(self, request: HttpRequest) -> HttpResponse:
        """Return the states of the documents named by `ids`, for the list's live updates."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = _uuids(request.GET.get("ids", "").split(",")[:MOST_STATES])
        rows = Document.objects.filter(pk__in=wanted)
        return JsonResponse({str(row.pk): state_of(row) for row in rows})

    def act(self, request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
        """Do what a button of the document's page says."""
        document = get_object_or_404(Document, pk=document_id)
        act = {"retry": _retry, "withdraw": _withdraw}.get(request.POST.get("action", ""))
        if act is None or not self.has_change_permission(request, document):
            raise PermissionDenied
        problem = act(document)
        if problem:
            messages.error(request, problem)
        else:
            document.refresh_from_db()
            messages.success(request, f"{document}: {document.get_status_display().lower()}.")
        return HttpResponseRedirect(reverse("admin:knowledge_document_change", args=[document.pk]))

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
            more |= {"document": document, "state": state_of(document), **details_of(document)}
            more["may_change"] = self.has_change_permission(request, document)
        response: HttpResponse = super().changeform_view(request, object_id, form_url, more)
        return response

    def save_model(self, request: HttpRequest, obj: Document, form: Any, change: bool) -> None:
        """Write only what the form changed: a worker may be writing the state."""
        changed = [name for name in ("title", "url") if name in form.changed_data]
        if changed:
            obj.save(update_fields=[*changed, "updated_at"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Change the readers through the action, which tells the index."""
        if "audiences" in form.changed_data:
            slugs = [audience.slug for audience in form.cleaned_data["audiences"]]
            change_audiences(form.instance, slugs)


def _retry(document: Document) -> str:
    """Queue again and ring the worker. Returns the problem, if any."""
    if not actions.retry(document):
        return "There is no file to read. Upload it again."
    ring(document)
    return ""


def _withdraw(document: Document) -> str:
    actions.withdraw(document)
    return ""


def _uuids(texts: Iterable[str]) -> list[uuid.UUID]:
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found

"""FAQ entries in the admin: written here, searched as documents of their own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from knowledge.actions import faq as actions
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.admin.states import state_of
from knowledge.models import Audience, Collection, FaqEntry
from knowledge.models.collection import DEFAULT_COLLECTION
from observability.read_only_admin import ago

MOST_TABLE_BYTES = 5 * 1024 * 1024
_LABELS = {"audiences": "Readers", "other_wordings": "Other wordings"}
_HELP = {
    "question": "As a customer would ask it; it is the title that answers cite.",
    "audiences": "Who may get this answer. None chosen: the collection's readers.",
}


class TableForm(forms.Form):
    """A table of entries and where they go."""

    table = forms.FileField(
        label="CSV file",
        help_text="Columns question, answer and, if you like, other wordings, with | between them.",
    )
    collection = forms.ModelChoiceField(
        Collection.objects.all(),
        to_field_name="slug",
        widget=UnfoldAdminSelectWidget(),
        empty_label=None,
    )
    audiences = forms.ModelMultipleChoiceField(
        Audience.objects.all(),
        required=False,
        help_text="Who may get these answers. None chosen: the collection's readers.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )

    def clean_table(self) -> list[actions.EntryRow]:
        """Return the rows of the table."""
        file: UploadedFile[Any] = self.cleaned_data["table"]
        if (file.size or 0) > MOST_TABLE_BYTES:
            raise forms.ValidationError("The table is larger than 5 MB. Split it.")
        try:
            return actions.read_table(file.read())
        except actions.TableUnreadable as error:
            raise forms.ValidationError(str(error)) from None


@admin.register(FaqEntry)
class FaqEntryAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Questions with their answers, and the state of the document made of each."""

    list_display = ("question", "shown_state", "collection", "readers", "when")
    list_filter = ("collection", "audiences")
    search_fields = ("question", "answer", "other_wordings")
    list_fullwidth = True
    list_per_page = 50
    change_list_template = "admin/knowledge/faq_list.html"
    change_form_outer_before_template = "admin/knowledge/faq_state.html"
    fields = ("question", "answer", "other_wordings", "collection", "audiences")
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS

    def get_queryset(self, request: HttpRequest) -> QuerySet[FaqEntry]:
        """Fetch what a row of the list shows."""
        rows: QuerySet[FaqEntry] = super().get_queryset(request)
        return rows.select_related("collection", "document").prefetch_related("audiences")

    def get_urls(self) -> list[URLPattern]:
        """Add the page that takes a table in."""
        view = self.admin_site.admin_view
        own = [path("table/", view(self.table), name="knowledge_faqentry_table")]
        return [*own, *super().get_urls()]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Name the fields as people do, with room to write."""
        if db_field.name in ("answer", "other_wordings"):
            rows = 10 if db_field.name == "answer" else 4
            kwargs["widget"] = UnfoldAdminTextareaWidget(attrs={"rows": rows})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.label = _LABELS.get(db_field.name, field.label)
            field.help_text = _HELP.get(db_field.name, field.help_text)
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Offer the default collection."""
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        default = Collection.objects.filter(slug=DEFAULT_COLLECTION).first()
        return {"collection": default.pk if default else None, **initial}

    @admin.display(description="State", ordering="document__status")
    def shown_state(self, entry: FaqEntry) -> SafeString:
        """Return the state of the entry's document."""
        return render_to_string("admin/knowledge/faq_document.html", _state(entry))

    @admin.display(description="Readers")
    def readers(self, entry: FaqEntry) -> str:
        """Return the audiences in one line."""
        return ", ".join(a.name for a in entry.audiences.all()) or "the collection's"

    @admin.display(description="Last change", ordering="updated_at")
    def when(self, entry: FaqEntry) -> SafeString:
        """Return how long ago it was written."""
        return ago(entry.updated_at)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Publish the entry, now that its readers are known."""
        super().save_related(request, form, formsets, change)
        actions.publish(form.instance)

    def delete_model(self, request: HttpRequest, obj: FaqEntry) -> None:
        """Delete its document with it."""
        actions.remove(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[FaqEntry]) -> None:
        """Delete each with its document."""
        for entry in queryset:
            actions.remove(entry)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """List the entries; their documents go along."""
        names = [str(entry) for entry in objs]
        return names, {"FAQ entries": len(names)}, set(), []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the document's state above the form."""
        entry = self.get_object(request, object_id) if object_id else None
        more = {**(_state(entry) if entry else {}), **(extra_context or {})}
        response: HttpResponse = super().changeform_view(request, object_id, form_url, more)
        return response

    def table(self, request: HttpRequest) -> HttpResponse:
        """Take a table of entries in; a bad row does not stop the others."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        form = TableForm(
            request.POST or None, request.FILES or None, initial={"collection": DEFAULT_COLLECTION}
        )
        bad: list[actions.EntryRow] = []
        if request.method == "POST" and form.is_valid():
            rows: list[actions.EntryRow] = form.cleaned_data["table"]
            bad = [row for row in rows if row.problem]
            good = [row for row in rows if not row.problem]
            counts = actions.take_in(
                good, form.cleaned_data["collection"], form.cleaned_data["audiences"]
            )
            added, changed, same = counts
            messages.success(request, f"{added} new, {changed} changed, {same} the same.")
        context = {
            **self.admin_site.each_context(request),
            "title": "FAQ entries from a table",
            "form": form,
            "bad": bad,
        }
        return TemplateResponse(request, "admin/knowledge/faq_table.html", context)


def _state(entry: FaqEntry) -> dict[str, Any]:
    document = entry.document
    return {"document": document, "state": state_of(document) if document else None}

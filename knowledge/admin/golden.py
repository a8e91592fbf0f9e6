"""Golden questions: what customers ask, and the document that answers it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from knowledge.actions.golden import MOST_CHARACTERS, import_golden, usable
from knowledge.admin.document_field import SCRIPT, DocumentField, suggested
from knowledge.admin.golden_measure import measured
from knowledge.document_names import unique_name
from knowledge.golden_rows import MOST_ROWS, GoldenRow, UnreadableRows, read_rows
from knowledge.models import Document, GoldenQuestion
from observability.read_only_admin import ago


class GoldenQuestionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A question and its document."""

    question = forms.CharField(
        max_length=MOST_CHARACTERS,
        help_text="As a customer would ask it.",
        widget=UnfoldAdminTextInputWidget(),
    )
    document = DocumentField(label="Right document")

    class Meta:
        model = GoldenQuestion
        fields = ("question", "document")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["document"] = unique_name(self.instance.document)

    def clean_question(self) -> str:
        """Return it in one line."""
        return " ".join(self.cleaned_data["question"].split())

    def clean_document(self) -> Document:
        """Refuse a document that nobody can find."""
        document: Document = self.cleaned_data["document"]
        if problem := usable(document):
            raise forms.ValidationError(problem)
        return document


class ImportForm(forms.Form):
    """A CSV file, or the same pasted."""

    table = forms.FileField(label="CSV file", required=False, allow_empty_file=True)
    pasted = forms.CharField(
        label="Or paste the lines",
        required=False,
        strip=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 6, "placeholder": "How do I send goods back?,returns.md"}
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Read the rows of whichever was given."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        table = data.get("table")
        content = table.read() if table is not None else data.get("pasted", "").encode()
        try:
            data["rows"] = read_rows(content)
        except UnreadableRows as error:
            raise forms.ValidationError(str(error)) from error
        if not data["rows"]:
            raise forms.ValidationError("There are no questions in it. Choose a file, or paste.")
        return data


@admin.register(GoldenQuestion)
class GoldenQuestionAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The list, the form, and the import."""

    form = GoldenQuestionForm
    list_display = ("question", "shown_document", "shown_search", "when")
    list_filter = ("document__collection",)
    search_fields = ("question", "document__title", "document__path")
    list_per_page = 50
    list_fullwidth = True
    change_list_template = "admin/knowledge/golden_list.html"
    fields = ("question", "document")

    class Media:
        js = (SCRIPT,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GoldenQuestion]:
        """Fetch the documents with the rows."""
        rows: QuerySet[GoldenQuestion] = super().get_queryset(request)
        return rows.select_related("document")

    def get_urls(self) -> list[URLPattern]:
        """Add the import, the measurement, and suggestions of documents."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.take_in), name="knowledge_goldenquestion_import"),
            path("measure/", view(self.measure), name="knowledge_goldenquestion_measure"),
            path("documents/", view(self.documents), name="knowledge_goldenquestion_documents"),
            *super().get_urls(),
        ]

    @admin.display(description="Right document", ordering="document__title")
    def shown_document(self, row: GoldenQuestion) -> SafeString:
        """Return a link to the document."""
        address = reverse("admin:knowledge_document_change", args=[row.document_id])
        return format_html('<a class="sb-link" href="{}">{}</a>', address, row.document)

    @admin.display(description="Search")
    def shown_search(self, row: GoldenQuestion) -> SafeString:
        """Return a link to where the question stands now."""
        audiences = row.document.audiences.values_list("slug", flat=True)
        query = urlencode(
            {
                "question": row.question,
                "audiences": sorted(audiences),
                "previews": "on",
                "document": str(row.document_id),
            },
            doseq=True,
        )
        address = f"{reverse('admin:knowledge_search')}?{query}"
        return format_html(
            '<a class="sb-link" href="{}" aria-label="Search now: {}">Search now</a>',
            address,
            row.question,
        )

    @admin.display(description="Added", ordering="created_at")
    def when(self, row: GoldenQuestion) -> SafeString:
        """Return how long ago it was."""
        return ago(row.created_at)

    def documents(self, request: HttpRequest) -> JsonResponse:
        """Suggest documents for a field."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return suggested(request)

    def measure(self, request: HttpRequest) -> HttpResponse:
        """Ask the questions now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return measured(request, self.admin_site.each_context(request))

    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Show the import, and what became of each line."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        imported = None
        if request.method == "POST" and form.is_valid():
            rows: list[GoldenRow] = form.cleaned_data["rows"]
            imported = import_golden(rows)
            # What could not be taken in stays in the box, to be mended.
            form = form if imported.problems else ImportForm()
        context = {
            **self.admin_site.each_context(request),
            "title": "Import golden questions",
            "form": form,
            "imported": imported,
            "most_rows": MOST_ROWS,
        }
        return TemplateResponse(request, "admin/knowledge/golden_import.html", context)

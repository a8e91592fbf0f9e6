"""The vocabulary in the admin: entries, a box to try them, and many at once from a CSV file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.admin import ModelAdmin

from knowledge.actions.vocabulary import (
    Imported,
    import_entries,
    synonyms_problem,
    term_problem,
    terms_taken,
)
from knowledge.live_vocabulary import current_rows, expander
from knowledge.models import VocabularyEntry

LONGEST_QUESTION = 500
LARGEST_FILE_BYTES = 1024 * 1024
SHOWN_PROBLEMS = 10


class VocabularyForm(forms.ModelForm):  # type: ignore[type-arg]
    """An entry that search can use."""

    def clean_term(self) -> str:
        """Accept a term that has words in it and that no other entry has."""
        term: str = " ".join(self.cleaned_data["term"].split())
        other = self.instance if self.instance.pk else None
        if problem := term_problem(term, terms_taken(other)):
            raise forms.ValidationError(problem)
        return term

    def clean(self) -> dict[str, Any]:
        """Accept synonyms that say something else than the term, each once."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        lines = (" ".join(line.split()) for line in data.get("synonyms", "").splitlines())
        synonyms = [line for line in lines if line]
        if problem := synonyms_problem(data.get("term", ""), synonyms):
            self.add_error("synonyms", problem)
        data["synonyms"] = "\n".join(synonyms)
        return data


class ImportForm(forms.Form):
    """A CSV file."""

    file = forms.FileField(label="CSV file")

    def clean_file(self) -> str:
        """Return the file's text."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError("The file is larger than 1 MB. Split it.")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(
                "The file is not UTF-8 text. Save it as “CSV UTF-8” and try again."
            ) from None
        return text


@admin.register(VocabularyEntry)
class VocabularyAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """What customers say and what the documents say."""

    form = VocabularyForm
    empty_list = (
        "Customers' words are searched as they are. Add a term of your documents with what "
        "customers call it, for example “parcel” and “package”."
    )
    list_display = ("term", "said", "updated_at")
    search_fields = ("term", "synonyms")
    list_per_page = 100
    fields = ("term", "synonyms")
    list_before_template = "admin/knowledge/vocabulary_box.html"
    change_form_outer_after_template = "admin/knowledge/vocabulary_box.html"

    @admin.display(description="Customers say")
    def said(self, entry: VocabularyEntry) -> str:
        """Return the synonyms in one line."""
        return ", ".join(entry.others) or "the same: kept as it is written"

    def get_urls(self) -> list[URLPattern]:
        """Add the box and the import."""
        view = self.admin_site.admin_view
        return [
            path("try/", view(self.try_words), name="knowledge_vocabularyentry_try"),
            path("import/", view(self.take_file), name="knowledge_vocabularyentry_import"),
            *super().get_urls(),
        ]

    def try_words(self, request: HttpRequest) -> HttpResponse:
        """Say what is searched when a customer asks something."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("text", "").strip()[:LONGEST_QUESTION]
        shown = {"text": text, "expanded": expander(current_rows())(text) if text else None}
        return self._page(request, "vocabulary_try", "Try the vocabulary", shown)

    def take_file(self, request: HttpRequest) -> HttpResponse:
        """Take in a CSV file."""
        if not self.has_add_permission(request) or not self.has_change_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            _tell(request, import_entries(form.cleaned_data["file"]))
            return HttpResponseRedirect(reverse("admin:knowledge_vocabularyentry_changelist"))
        return self._page(request, "vocabulary_import", "Import vocabulary", {"form": form})

    def _page(
        self, request: HttpRequest, template: str, title: str, shown: dict[str, Any]
    ) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, **shown}
        return TemplateResponse(request, f"admin/knowledge/{template}.html", context)


def _tell(request: HttpRequest, result: Imported) -> None:
    done = f"{result.added} added, {result.changed} changed, {result.unchanged} as before."
    messages.success(request, f"The file was read: {done}")
    for problem in result.problems[:SHOWN_PROBLEMS]:
        messages.error(request, problem)
    left = len(result.problems) - SHOWN_PROBLEMS
    if left > 0:
        messages.error(request, f"{left} more rows were not taken.")

"""Rules: fixed replies to certain words, with a box to test them and a preview."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import regex
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from conversations import operator_settings
from conversations.answering.rules import PATTERN_SECONDS, explain_match, pattern_problem
from conversations.models import Rule, RuleAction
from conversations.rendering import render_markdown
from knowledge.admin.form_fields import FORM_FIELDS
from knowledge.models import Audience
from knowledge.retrieval.values import Reader

MOST_FIELDS = 8
# Texts on which patterns with nested repetition take forever; see PATTERN_SECONDS for the limit.
_HARD_TEXTS = tuple(piece * 400 + "!" for piece in ("a", "1", " ", "ab ", "aA1-", "x@y."))


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule that can really fire."""

    form_fields = forms.CharField(
        label="Details to ask for",
        required=False,
        help_text="One a line, for example Order number. Only for: ask for a few details.",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["form_fields"] = "\n".join(map(str, self.instance.form_fields))

    def clean_pattern(self) -> str:
        """Accept patterns that compile, say something, and end in time on hard texts."""
        pattern: str = self.cleaned_data["pattern"]
        if not pattern:
            return ""
        problem = pattern_problem(pattern)
        if problem:
            raise forms.ValidationError(f"This is not a regular expression: {problem.detail}.")
        if _matches(pattern, ""):
            raise forms.ValidationError("This pattern fits every message. Make it say something.")
        for text in _HARD_TEXTS:
            _matches(pattern, text)
        return pattern

    def clean_language(self) -> str:
        """Return two lower-case letters or nothing."""
        language: str = self.cleaned_data["language"].strip().lower()
        if language and not (len(language) == 2 and language.isascii() and language.isalpha()):
            raise forms.ValidationError("Two letters, such as en or de, or nothing.")
        return language

    def clean_link_url(self) -> str:
        """Accept web addresses only."""
        url: str = self.cleaned_data["link_url"] or ""
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise forms.ValidationError("The address starts with http:// or https://.")
        return url

    def clean_form_fields(self) -> list[str]:
        """Return the names of the details, each once."""
        lines = [line.strip() for line in self.cleaned_data["form_fields"].splitlines()]
        names = list(dict.fromkeys(line for line in lines if line))
        if len(names) > MOST_FIELDS or any(len(name) > 80 for name in names):
            raise forms.ValidationError(
                f"At most {MOST_FIELDS} details of at most 80 characters each."
            )
        return names

    def clean(self) -> dict[str, Any]:
        """Ask for what the action needs."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        silent = not data.get("phrases", "").strip() and not data.get("pattern")
        if silent and "pattern" not in self.errors:
            self.add_error("phrases", "Give at least one phrase, or a pattern.")
        if data.get("action") == RuleAction.LINK and not data.get("link_url"):
            self.add_error("link_url", "A reply with a link needs the address.")
        if data.get("action") == RuleAction.FORM and not data.get("form_fields"):
            self.add_error("form_fields", "Name at least one detail to ask for.")
        return data


def _matches(pattern: str, text: str) -> bool:
    """Search once, bounded in time. Raises ValidationError when it takes too long."""
    try:
        found = regex.search(pattern, text, flags=regex.IGNORECASE, timeout=PATTERN_SECONDS)
    except TimeoutError:
        raise forms.ValidationError(
            "This pattern takes too long on some texts. Avoid repetition inside repetition, "
            "such as (a+)+."
        ) from None
    return found is not None


@admin.register(Rule)
class RuleAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The rules in the order they are tried."""

    form = RuleForm
    empty_list = (
        "There are no rules, so every message goes to the documents. Add one for greetings, "
        "opening hours, or a topic that always goes to a person."
    )
    list_display = ("name", "enabled", "priority", "action", "language", "readers", "updated_at")
    list_filter = ("enabled", "action", "language")
    search_fields = ("name", "phrases", "pattern", "text")
    list_per_page = 50
    list_before_template = "admin/conversations/rule_test_box.html"
    change_form_outer_after_template = "admin/conversations/rule_preview.html"
    filter_horizontal = ()
    formfield_overrides = FORM_FIELDS
    fieldsets = (
        (None, {"fields": ("name", "enabled", "priority")}),
        ("When it fires", {"fields": ("phrases", "pattern", "language", "audiences")}),
        (
            "What it does",
            {"fields": ("action", "text", "link_url", "link_label", "form_fields")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Fetch the readers with the rows."""
        return super().get_queryset(request).prefetch_related("audiences")

    @admin.display(description="Readers")
    def readers(self, rule: Rule) -> str:
        """Return the audiences in one line."""
        return ", ".join(a.name for a in rule.audiences.all()) or "everyone"

    def get_urls(self) -> list[URLPattern]:
        """Add the test box and the preview."""
        view = self.admin_site.admin_view
        return [
            path("test/", view(self.test), name="conversations_rule_test"),
            path("preview/", view(require_POST(self.preview)), name="conversations_rule_preview"),
            *super().get_urls(),
        ]

    def test(self, request: HttpRequest) -> HttpResponse:
        """Say which rule would answer a sentence, and why each does or does not fit."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("text", "").strip()[:2000]
        audience = request.GET.get("audience", "")
        reader = Reader(frozenset({audience})) if audience else None
        explained = explain_match(text, operator_settings.now().rules, reader) if text else None
        winner = explained.winner if explained else None
        verdicts = sorted(explained.verdicts, key=lambda v: not v.matched) if explained else []
        context = {
            **self.admin_site.each_context(request),
            "title": "Test the rules",
            "text": text,
            "audience": audience,
            "audiences": Audience.objects.all(),
            "winner": winner,
            "reply": _html(winner.rule.text) if winner else "",
            "verdicts": verdicts,
        }
        return TemplateResponse(request, "admin/conversations/rule_test.html", context)

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Return a text as customers will see it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponse(_html(request.POST.get("text", "")[:20000]))


def _html(text: str) -> str:
    # render_markdown sanitises: no scripts, images, attributes or foreign schemes get through.
    return mark_safe(render_markdown(text))  # noqa: S308

"""The operator's instructions: versions, what changed, which is in use, and how each one does."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from conversations.actions import instructions as acting
from conversations.answering.instructions import in_words
from conversations.models import Instructions, InstructionsUse
from conversations.models.instructions import (
    LIST_CHARACTERS,
    NAME_CHARACTERS,
    TONE_CHARACTERS,
    TOPICS_CHARACTERS,
)
from conversations.version_figures import Figures, by_version
from knowledge.admin.differences import compare

FIELDS = ("name", "tone", "must_say", "never_say", "person_topics")
LONGEST_ENTRY = 200
MOST_USES = 20
_HEADINGS = {
    "name": "Name",
    "tone": "Tone",
    "must_say": "Must say",
    "never_say": "Never say",
    "person_topics": "Topics that always go to a person",
}


class InstructionsForm(forms.ModelForm):  # type: ignore[type-arg]
    """The next version. It starts from the one in use."""

    name = forms.CharField(
        label="Name of the assistant",
        required=False,
        max_length=NAME_CHARACTERS,
        help_text="Shown at the top of the chat page. Empty: Support",
        widget=UnfoldAdminTextInputWidget(),
    )
    tone = forms.CharField(
        required=False,
        max_length=TONE_CHARACTERS,
        help_text="For example: formal, no emoji, short sentences",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    must_say = forms.CharField(
        label="Must say",
        required=False,
        max_length=LIST_CHARACTERS,
        help_text="What to say where it fits, one a line. Example: Orders over 50 EUR ship free",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    never_say = forms.CharField(
        label="Never say",
        required=False,
        max_length=LIST_CHARACTERS,
        help_text="Words that must not leave the bot, one a line, exactly as written. An answer "
        "that holds one is not shown: the documents are quoted instead, or a person is offered",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    person_topics = forms.CharField(
        label="Topics that always go to a person",
        required=False,
        max_length=TOPICS_CHARACTERS,
        help_text="Words or phrases, one a line: a question that holds one goes to a person, "
        "whatever the endings. No model is asked",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    note = forms.CharField(
        label="Why this version",
        required=False,
        max_length=200,
        help_text="For whoever reads the history",
        widget=UnfoldAdminTextInputWidget(),
    )

    class Meta:
        model = Instructions
        fields = (*FIELDS, "note")

    def clean(self) -> dict[str, Any]:
        """Keep entries short, and refuse a version that says nothing."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field in ("must_say", "never_say", "person_topics"):
            lines = [line.strip() for line in data.get(field, "").splitlines()]
            data[field] = "\n".join(dict.fromkeys(line for line in lines if line))
            if any(len(line) > LONGEST_ENTRY for line in lines):
                self.add_error(field, f"At most {LONGEST_ENTRY} characters in a line.")
        if not self.errors and not any(data.get(field) for field in FIELDS):
            raise forms.ValidationError(
                "Fill in at least one field. To use no instructions, press Use none in the list."
            )
        return data


@admin.register(Instructions)
class InstructionsAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """The versions, the newest first."""

    form = InstructionsForm
    actions = None
    list_display = ("version", "state", "note", "created_by", "created_at")
    list_display_links = ("version",)
    empty_list = (
        "There are no instructions: the assistant is plain, short and friendly by itself. Add a "
        "version to give it a name, a tone, or topics that always go to a person."
    )
    change_list_template = "admin/conversations/instructions_list.html"
    fieldsets = ((None, {"fields": (*FIELDS, "note")}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: answers name their version."""
        return False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what a given version says, else with what is in use."""
        given = request.GET.get("from", "")
        number = int(given) if given.isascii() and given.isdigit() else 0
        base = Instructions.objects.filter(version=number).first() or InstructionsUse.now().current
        return {field: getattr(base, field) for field in FIELDS} if base else {}

    def save_model(self, request: HttpRequest, obj: Instructions, form: Any, change: bool) -> None:
        """Store the next version, unused."""
        made = acting.make_version(
            _editor(request), **{field: form.cleaned_data[field] for field in (*FIELDS, "note")}
        )
        obj.pk, obj.version = made.pk, made.version

    def response_add(
        self, request: HttpRequest, obj: Instructions, post_url_continue: Any = None
    ) -> HttpResponse:
        """Lead to the new version, where it is tried and put into use."""
        said = f"Version {obj.version} is stored. It is not in use yet: try it, then use it."
        messages.success(request, said)
        return _to(obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instructions]:
        """Fetch with each row how it is used now."""
        last = InstructionsUse.objects.order_by("-pk")
        rows: QuerySet[Instructions] = super().get_queryset(request)
        return rows.select_related("created_by").annotate(
            used=Subquery(last.values("current")[:1]),
            tried=Subquery(last.values("trial")[:1]),
            percent=Subquery(last.values("trial_percent")[:1]),
        )

    @admin.display(description="Use")
    def state(self, version: Any) -> str:
        """Return whether it is in use or on trial."""
        use = InstructionsUse(
            current_id=version.used, trial_id=version.tried, trial_percent=version.percent or 0
        )
        return _state(version, use)

    def get_urls(self) -> list[URLPattern]:
        """Add what can be done with a version."""
        view = self.admin_site.admin_view
        return [
            path("act/", view(require_POST(self.act)), name="conversations_instructions_act"),
            *super().get_urls(),
        ]

    def act(self, request: HttpRequest) -> HttpResponse:
        """Put a version or none into use, try one on a share, or end the trial."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        number = request.POST.get("version", "")
        version = Instructions.objects.filter(version=number if number.isdecimal() else 0).first()
        verb = request.POST.get("action", "")
        with transaction.atomic():
            problem = self._carry_out(request, verb, version)
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, f"{InstructionsUse.now()}.")
        return _to(version)

    def _carry_out(self, request: HttpRequest, verb: str, version: Instructions | None) -> str:
        """Do it; return what was wrong, or nothing."""
        percent = request.POST.get("percent", "")
        if verb == "none":
            acting.put_into_use(None, _editor(request))
        elif verb == "end":
            acting.end_trial(_editor(request))
        elif version is None:
            return "There is no such version. Choose one from the list."
        elif verb == "use":
            acting.put_into_use(version, _editor(request))
        elif verb == "try" and percent.isdecimal() and 1 <= int(percent) <= 99:
            acting.try_on(version, int(percent), _editor(request))
        else:
            return "A share is a whole number of percent from 1 to 99."
        return ""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List the versions with how each one does, and the history of their use."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        more = {
            "use": InstructionsUse.now(),
            "uses": InstructionsUse.objects.select_related("current", "trial", "by")[:MOST_USES],
            "compared": _compared(),
            "may_change": self.has_change_permission(request),
        }
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show one version, how it differs from another, and what can be done with it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        version: Instructions | None = self.get_object(request, object_id)
        if version is None:
            raise Http404
        use = InstructionsUse.now()
        other = _other(request.GET.get("with", ""), version, use)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(version),
            "version": version,
            "state": _state(version, use),
            "use": use,
            "parts": [(_HEADINGS[field], getattr(version, field)) for field in FIELDS],
            "prompted": in_words(version.spec()),
            "others": Instructions.objects.exclude(pk=version.pk),
            "other": other,
            "difference": compare(_text(other), _text(version)) if other else None,
            "figures": by_version("instructions_version").get(version.version, Figures()),
            "may_change": self.has_change_permission(request),
            "may_try": request.user.has_perm("knowledge.add_document"),
        }
        return TemplateResponse(request, "admin/conversations/instructions.html", context)


def _editor(request: HttpRequest) -> User:
    return cast("User", request.user)


def _compared() -> list[tuple[str, str, Figures]]:
    """Return each version that answered with its figures: name, use, figures."""
    use, figures = InstructionsUse.now(), by_version("instructions_version")
    rows = [
        (str(version), _state(version, use), figures[version.version])
        for version in Instructions.objects.all()
        if version.version in figures
    ]
    without = [("No instructions", "", figures[None])] if None in figures else []
    return rows + without


def _state(version: Instructions, use: InstructionsUse) -> str:
    if use.current_id == version.pk:
        return "in use"
    return f"tried on {use.trial_percent} % of the chats" if use.trial_id == version.pk else ""


def _other(wanted: str, version: Instructions, use: InstructionsUse) -> Instructions | None:
    """Return what a version is held against: the chosen one, the one in use, or the one before."""
    others = Instructions.objects.exclude(pk=version.pk)
    chosen = others.filter(version=wanted if wanted.isdecimal() else 0).first()
    in_use = use.current if use.current_id != version.pk else None
    return chosen or in_use or others.filter(version__lt=version.version).first()


def _text(version: Instructions) -> str:
    """Return a version as paragraphs, so that each entry is compared by itself."""
    parts = []
    for field in FIELDS:
        lines = str(getattr(version, field)).splitlines()
        parts += [f"{_HEADINGS[field]}: {line}" for line in lines if line.strip()]
    return "\n\n".join(parts)


def _to(version: Instructions | None) -> HttpResponse:
    if version is None:
        return HttpResponseRedirect(reverse("admin:conversations_instructions_changelist"))
    return HttpResponseRedirect(
        reverse("admin:conversations_instructions_change", args=[version.pk])
    )

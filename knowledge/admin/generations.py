"""The index: what answers, what is being built beside it, and how both compare."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from knowledge.actions.defaults import ensure_generation
from knowledge.actions.generations import (
    LEAST_CHUNK_TOKENS,
    GenerationRefused,
    begin_generation,
    drop_generation,
    missing_documents,
    previous_generation,
    put_into_use,
    resume,
)
from knowledge.admin.generation_states import shown_generation, shown_generations
from knowledge.admin.index_check import check_page
from knowledge.index_model import model_set, models_known, other_model_set
from knowledge.intake import ring_for_comparison, ring_for_generation
from knowledge.models import Activation, GoldenQuestion, IndexGeneration
from providers.embeddings.names import PACKAGED, name_of
from providers.errors import ProviderError

MOST_CHUNK_TOKENS = 8192
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


class BuildForm(forms.Form):
    """What the next generation is made with, and when it answers."""

    embedding_model = forms.CharField(
        label="Embedding model",
        max_length=200,
        help_text=(
            f"{PACKAGED} is installed. A hub model as owner/name is fetched when it is first used; "
            "the path of a folder on the server works too."
        ),
        widget=UnfoldAdminTextInputWidget(attrs={"spellcheck": "false"}),
    )
    chunk_tokens = forms.IntegerField(
        label="Most tokens in a chunk",
        required=False,
        min_value=LEAST_CHUNK_TOKENS,
        max_value=MOST_CHUNK_TOKENS,
        help_text="Empty: as many as the model takes. Smaller chunks point more exactly, larger "
        "ones keep more of the context.",
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    activation = forms.ChoiceField(
        label="Put into use",
        choices=Activation.choices,
        initial=Activation.UNLESS_WORSE,
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, *args: Any, any_model: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._any_model = any_model
        if not any_model:
            self.fields["embedding_model"].help_text = f"One of {', '.join(models_known())}."

    def clean_embedding_model(self) -> str:
        """Accept what can be a model; whether it loads shows when it is built."""
        name: str = self.cleaned_data["embedding_model"].strip()
        if name_of(name) in models_known():
            return name_of(name)
        if not self._any_model:
            raise forms.ValidationError(
                f"You may name {' or '.join(models_known())}. Ask an administrator for another one."
            )
        if _HUB_NAME.fullmatch(name) or Path(name).is_dir():
            return name_of(name)
        raise forms.ValidationError(
            f"Write {PACKAGED}, a hub model as owner/name, or the path of a folder that exists."
        )


@admin.register(IndexGeneration)
class GenerationAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Pages of our own in place of Django's: a row cannot be edited, only acted upon."""

    def get_urls(self) -> list[URLPattern]:
        """Offer the list, one generation, its buttons, a new one, live states, and the check."""
        view = self.admin_site.admin_view
        pages = {
            "changelist": ("", self.changelist_view),
            "add": ("add/", self.add_view),
            "states": ("states/", self.states),
            "check": ("check/", self.check_index),
            "change": ("<int:number>/change/", self.one),
            "act": ("<int:number>/act/", require_POST(self.act)),
        }
        return [
            path(address, view(page), name=f"knowledge_indexgeneration_{name}")
            for name, (address, page) in pages.items()
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show all generations, the one in use on top."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        ensure_generation()
        shown = shown_generations()
        context = {
            "title": "Index",
            "current": next((one for one in shown if not one.may_drop), None),
            "others": [one for one in shown if one.may_drop],
            "previous": previous_generation(),
            "misfit": other_model_set(),
            **self._context(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/knowledge/generations.html", context)

    def one(self, request: HttpRequest, number: int) -> HttpResponse:
        """Show one generation with its comparison."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        shown = shown_generation(number)
        if shown is None:
            raise Http404
        context = {
            "title": str(shown.row),
            "one": shown,
            "current": IndexGeneration.objects.in_use(),
            "lacks": missing_documents(shown.row).count() if shown.may_use else 0,
            **self._context(request),
        }
        return TemplateResponse(request, "admin/knowledge/generations_one.html", context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask what to build, and have it built."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BuildForm(
            request.POST or None,
            initial={"embedding_model": model_set()},
            any_model=request.user.has_perm("knowledge.name_any_model"),
        )
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            try:
                generation = begin_generation(
                    data["embedding_model"],
                    data["chunk_tokens"] or 0,
                    Activation(data["activation"]),
                )
            except GenerationRefused as error:
                form.add_error(None, str(error))
            else:
                ring_for_generation(generation)
                messages.success(
                    request,
                    f"{generation} is being built in the background. The present one goes on "
                    "answering meanwhile.",
                )
                return _to_list()
        context = {"title": "Build another index", "form": form, **self._context(request)}
        return TemplateResponse(request, "admin/knowledge/generations_add.html", context)

    def states(self, request: HttpRequest) -> JsonResponse:
        """Return the states of all generations, for the page's live updates."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return JsonResponse({str(one.row.number): one.state for one in shown_generations()})

    def check_index(self, request: HttpRequest) -> HttpResponse:
        """Compare the index in use with the database, and repair it."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        return check_page(request, self.admin_site.each_context(request))

    def act(self, request: HttpRequest, number: int) -> HttpResponse:
        """Do what a button says."""
        generation = IndexGeneration.objects.filter(number=number).first()
        action = request.POST.get("action", "")
        allowed = (
            self.has_delete_permission(request)
            if action == "drop"
            else self.has_change_permission(request)
        )
        act = {"use": _use, "continue": _continue, "compare": _compare, "drop": _drop}.get(action)
        if act is None or not allowed:
            raise PermissionDenied
        if generation is None:
            messages.warning(request, f"Generation {number} is not there any more.")
            return _to_list()
        try:
            messages.success(request, act(generation))
        except GenerationRefused as error:
            messages.error(request, str(error))
        except ProviderError as error:
            messages.error(request, f"The index could not be reached: {error}. Try again.")
        return _to_list()

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "may_add": self.has_add_permission(request),
            "may_change": self.has_change_permission(request),
            "may_delete": self.has_delete_permission(request),
            "golden_number": GoldenQuestion.objects.count(),
        }


def _to_list() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:knowledge_indexgeneration_changelist"))


def _use(generation: IndexGeneration) -> str:
    lacks = missing_documents(generation).count()
    former = IndexGeneration.objects.in_use()
    if put_into_use(generation):
        kept = f" {former} is kept: you can go back to it by one click." if former else ""
        return f"{generation} answers from now on.{kept}"
    ring_for_generation(generation)
    documents = "1 document" if lacks == 1 else f"{lacks} documents"
    return (
        f"{generation} lacks {documents} that came later. They are added in the background, then "
        "it answers by itself. Until then nothing changes."
    )


def _continue(generation: IndexGeneration) -> str:
    resume(generation)
    ring_for_generation(generation)
    return f"{generation} goes on where it stopped."


def _compare(generation: IndexGeneration) -> str:
    ring_for_comparison(generation)
    return f"{generation} is being compared. The result appears here by itself."


def _drop(generation: IndexGeneration) -> str:
    drop_generation(generation)
    return f"{generation} and its passages are gone. Documents and answers are as they were."

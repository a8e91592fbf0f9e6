"""What can be done to many documents at once, from the list."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from knowledge import acts
from knowledge.actions.readers import change_audiences_of, publish_all
from knowledge.admin.asking import asked_by
from knowledge.admin.people import OwnerField
from knowledge.models import Audience, Document

ACTIONS = (
    "retry_chosen",
    "withdraw_chosen",
    "release_chosen",
    "publish_chosen",
    "unpublish_chosen",
    "choose_readers",
    "choose_owner",
)
# Of many problems the first ones say enough.
MOST_PROBLEMS = 10


class ReadersForm(forms.Form):
    """Who may read the chosen documents from now on."""

    audiences = forms.ModelMultipleChoiceField(
        Audience.objects.all(),
        label="Readers",
        help_text="They replace the readers that these documents have. Nothing is embedded again.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )


class OwnerForm(forms.Form):
    """Who looks after the chosen documents from now on."""

    owner = OwnerField()


class BulkActions:
    """The actions of the list. Mixed into the documents' admin."""

    admin_site: admin.AdminSite

    @admin.action(description="Retry: read and index again", permissions=["change"])
    def retry_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Queue the chosen documents again."""
        _each(request, chosen, acts.retry, "queued again")

    @admin.action(description="Withdraw: no longer use for answers", permissions=["change"])
    def withdraw_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Take the chosen documents out of all answers."""
        _each(request, chosen, acts.withdraw, "withdrawn")

    @admin.action(description="Release: let held documents answer", permissions=["change"])
    def release_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Let the chosen held documents answer."""
        _each(request, chosen, acts.release, "released")

    @admin.action(description="Publish: let customers get answers", permissions=["change"])
    def publish_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Publish the chosen documents."""
        documents = list(chosen)
        publish_all(documents, published=True)
        _say(request, len(documents), "published")

    @admin.action(description="Unpublish: keep for tests only", permissions=["change"])
    def unpublish_chosen(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        """Unpublish the chosen documents."""
        documents = list(chosen)
        publish_all(documents, published=False)
        _say(request, len(documents), "no longer published")

    @admin.action(description="Set readers…", permissions=["change"])
    def choose_readers(
        self, request: HttpRequest, chosen: QuerySet[Document]
    ) -> HttpResponse | None:
        """Ask for the readers, then give them to the chosen documents."""
        form = ReadersForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, chosen, form, "choose_readers", "Set readers")
        slugs = [audience.slug for audience in form.cleaned_data["audiences"]]
        documents = list(chosen)
        change_audiences_of(documents, slugs)
        _say(request, len(documents), "changed")
        return None

    @admin.action(description="Set owner…", permissions=["change"])
    def choose_owner(self, request: HttpRequest, chosen: QuerySet[Document]) -> HttpResponse | None:
        """Ask for the owner, then give the chosen documents to that person."""
        form = OwnerForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return self._ask(request, chosen, form, "choose_owner", "Set owner")
        owner, number = form.cleaned_data["owner"], chosen.count()
        # Another owner is reminded of a review anew.
        chosen.order_by().exclude(owner=owner).update(owner=owner, reminded_at=None)
        _say(request, number, "changed")
        return None

    def _ask(
        self, request: HttpRequest, chosen: QuerySet[Document], form: forms.Form, act: str, do: str
    ) -> HttpResponse:
        across = request.POST.get("select_across") == "1"
        number = chosen.count()
        context = {
            **self.admin_site.each_context(request),
            "opts": Document._meta,
            "title": do,
            "form": form,
            "action": act,
            "do": do,
            "number": number,
            "examples": [str(document) for document in chosen[:MOST_PROBLEMS]],
            # All of a list are named by its filters; a form with thousands of ids is refused.
            "across": across,
            "ids": request.POST.getlist(ACTION_CHECKBOX_NAME)[: 1 if across else None],
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/knowledge/bulk_choose.html", context)


def _each(request: HttpRequest, chosen: Iterable[Document], act: acts.Act, done: str) -> None:
    asked = asked_by(request)
    problems = []
    number = 0
    for document in chosen:
        try:
            act(document, asked)
            number += 1
        except acts.NotPossible as problem:
            problems.append(f"{document}: {problem}")
    for said in problems[:MOST_PROBLEMS]:
        messages.error(request, said)
    if len(problems) > MOST_PROBLEMS:
        messages.error(request, f"{len(problems) - MOST_PROBLEMS} more could not be {done}.")
    _say(request, number, done)


def _say(request: HttpRequest, number: int, done: str) -> None:
    if number:
        noun = "document is" if number == 1 else "documents are"
        messages.success(request, f"{number} {noun} {done}.")

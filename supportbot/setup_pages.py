"""The checklist's pages: the list itself, a test question, the first agent."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from conversations import wiring
from conversations.answer_words import LEVELS, came_to
from conversations.answering.pipeline import answer
from conversations.answering.toolbox import SilentProgress
from conversations.answering.values import Question
from conversations.asking import reply_row
from conversations.rendering import render_markdown
from knowledge.models import Audience
from knowledge.models.collection import PUBLIC_AUDIENCE
from knowledge.retrieval.values import Reader
from supportbot import checklist
from supportbot.models import MarkKey, SetupMark
from supportbot.roles import AGENT, PASSWORD_BYTES


class QuestionForm(forms.Form):
    """A question as a customer would ask it, and on whose behalf."""

    text = forms.CharField(
        label="Question",
        max_length=settings.MESSAGE_MAX_CHARACTERS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    audiences = forms.ModelMultipleChoiceField(
        Audience.objects.all(),
        label="Asked by",
        help_text="The answer rests on documents that these readers may see.",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )


class AgentForm(forms.ModelForm):  # type: ignore[type-arg]
    """The account of somebody who will answer customers."""

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email")
        widgets = {
            "username": UnfoldAdminTextInputWidget(),
            "first_name": UnfoldAdminTextInputWidget(),
            "last_name": UnfoldAdminTextInputWidget(),
            "email": UnfoldAdminEmailInputWidget(),
        }
        help_texts = {
            "username": "What they sign in with.",
            "first_name": "Customers see this name beside the replies.",
        }


def _page(request: HttpRequest, template: str, title: str, **more: Any) -> TemplateResponse:
    context = {**admin.site.each_context(request), "title": title, **more}
    return TemplateResponse(request, f"admin/setup/{template}.html", context)


def _curator(request: HttpRequest) -> None:
    if not checklist.may_use(request.user):
        raise PermissionDenied


def checklist_page(request: HttpRequest) -> HttpResponse:
    """Show the four steps as they stand."""
    _curator(request)
    steps = checklist.steps(request.user)
    return _page(
        request,
        "checklist",
        "Checklist",
        steps=steps,
        complete=checklist.complete(steps),
        hidden=checklist.hidden(),
    )


@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Note the decision to go on without a model, or put the finished checklist away."""
    _curator(request)
    key = request.POST.get("key", "")
    finished = checklist.complete(checklist.steps(request.user))
    if key == MarkKey.WITHOUT_MODEL and request.user.has_perm(
        "conversations.change_modelconnection"
    ):
        SetupMark.make(MarkKey.WITHOUT_MODEL, request.user)
    elif key == MarkKey.CHECKLIST_HIDDEN and finished:
        SetupMark.make(MarkKey.CHECKLIST_HIDDEN, request.user)
    elif key == "show":
        SetupMark.objects.filter(key=MarkKey.CHECKLIST_HIDDEN).delete()
    else:
        messages.warning(request, "That is not possible yet: some steps are not done.")
    return HttpResponseRedirect(reverse("admin:checklist"))


def try_question(request: HttpRequest) -> HttpResponse:
    """Ask through the same steps that customers get, and show how the reply came about."""
    _curator(request)
    form = QuestionForm(request.POST or None, initial={"audiences": [PUBLIC_AUDIENCE]})
    reply = None
    if request.method == "POST" and form.is_valid():
        readers = frozenset(audience.slug for audience in form.cleaned_data["audiences"])
        question = Question(form.cleaned_data["text"], Reader(readers))
        reply = reply_row(answer(question, wiring.toolbox(), SilentProgress()))
        _note_question(request, reply)
    shown = {"reply": reply, "words": _words(reply), "reply_html": _html(reply)} if reply else {}
    return _page(request, "question", "Test question", form=form, **shown)


def _words(reply: dict[str, Any]) -> dict[str, str]:
    return {
        "came_to": came_to(reply["disposition"], reply["source"]),
        "confidence": LEVELS[reply["confidence_level"]],
    }


def _html(reply: dict[str, Any]) -> SafeString:
    # render_markdown sanitises: no scripts, images, attributes or foreign schemes get through.
    return mark_safe(render_markdown(reply["text"]))  # noqa: S308


def _note_question(request: HttpRequest, reply: dict[str, Any]) -> None:
    if reply["text"]:
        number = len(reply["citations"])
        cited = f"{number} {'citation' if number == 1 else 'citations'}"
        detail = f"Asked and replied to: {reply['disposition']} from {reply['source']}, {cited}."
        SetupMark.make(MarkKey.TEST_QUESTION, request.user, detail)


def first_agent(request: HttpRequest) -> HttpResponse:
    """Make an account with the Agent role; its password is shown once."""
    if not request.user.has_perm("auth.add_user"):
        raise PermissionDenied
    form = AgentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        with transaction.atomic():
            user = form.save(commit=False)
            user.is_staff = True
            user.set_password(password)
            user.save()
            user.groups.add(Group.objects.get(name=AGENT))
        return _page(request, "agent_made", "Account made", made=user, password=password)
    return _page(request, "agent", "First agent", form=form)

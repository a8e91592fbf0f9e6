"""Try the bot: the pipeline that customers get, for an operator, without a conversation."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from conversations import wiring
from conversations.admin.transcript import Record, record_of_reply
from conversations.answering import retrieval
from conversations.answering.language import LANGUAGES
from conversations.answering.pipeline import answer
from conversations.answering.stretches import says_something
from conversations.answering.toolbox import Deadline, Toolbox
from conversations.answering.values import Question, Reply, Turn
from conversations.asking import sentence_of, turns_of
from conversations.loading import unknown_replies_stay_here
from conversations.models import Instructions
from conversations.rendering import render_markdown
from knowledge.models import Audience, Collection, Document
from knowledge.models.collection import PUBLIC_AUDIENCE
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.llm.base import CallRecord

# What the ledger of calls says that a trial's money was for.
PURPOSE = "trial"
# A model with fallbacks may take several times its own limit.
MOST_SECONDS = 60.0
MOST_TURNS = 12
MOST_TURN_CHARACTERS = 8000
_LANGUAGE_NAMES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "pt": "Portuguese",
    "ja": "Japanese",
}


class TrialForm(forms.Form):
    """A question, on whose behalf, and what was said before in this trial."""

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
    collection = forms.ModelChoiceField(
        Collection.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label="All collections",
        widget=UnfoldAdminSelectWidget(),
    )
    language = forms.ChoiceField(
        choices=[("", "Told by the question"), *((x, _LANGUAGE_NAMES[x]) for x in LANGUAGES)],
        required=False,
        help_text="The language of the customer's chat page. Rules for one language look at it.",
        widget=UnfoldAdminSelectWidget(),
    )
    instructions = forms.ModelChoiceField(
        Instructions.objects.all(),
        to_field_name="version",
        required=False,
        empty_label="Those in use",
        help_text="A version can be tried here before customers get it.",
        widget=UnfoldAdminSelectWidget(),
    )
    previews = forms.BooleanField(
        label="With documents that are not published, not yet valid or expired",
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    turns = forms.CharField(required=False, widget=forms.HiddenInput())

    def clean_turns(self) -> tuple[Turn, ...]:
        """Read back what this page wrote; the last turns count."""
        try:
            said = json.loads(self.cleaned_data["turns"] or "[]")
            turns = turns_of(said, replies_stay_here=unknown_replies_stay_here())
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                "What was said before cannot be read. Start a new trial."
            ) from error
        kept = turns[-MOST_TURNS:]
        return tuple(replace(turn, text=turn.text[:MOST_TURN_CHARACTERS]) for turn in kept)


@dataclass(frozen=True, slots=True)
class Said:
    """An earlier turn as the page shows it. `html` is sanitised; None: show the text as it is."""

    by_customer: bool
    text: str
    html: SafeString | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A reply as the page shows it. `unpublished` are titles that no customer's answer rests on."""

    question: str
    html: SafeString
    record: Record
    alternatives: tuple[str, ...]
    unpublished: list[str]
    given_up: bool
    seconds: float


def try_page(request: HttpRequest) -> HttpResponse:
    """Show the form, ask, and show the reply with all that led to it."""
    if not request.user.has_perm("knowledge.add_document"):
        raise PermissionDenied
    initial = {"audiences": [PUBLIC_AUDIENCE], "instructions": request.GET.get("instructions")}
    form = TrialForm(request.POST or None, initial=initial)
    context: dict[str, Any] = {"turns": "[]", "earlier": []}
    if request.method == "POST":
        context = _asked(form) if form.is_valid() else _refused(form)
    return TemplateResponse(
        request,
        "admin/conversations/try.html",
        {
            **admin.site.each_context(request),
            "title": "Try the bot",
            "form": form,
            "model": wiring.connection(),
            "may_open_documents": request.user.has_perm("knowledge.view_document"),
            **context,
        },
    )


def passages_for_prompt(passages: Sequence[Passage]) -> frozenset[str]:
    """Return the chunks of those passages that a prompt would hold, as the pipeline chooses."""
    given = Retrieved(tuple(passages[: retrieval.SEARCHED]))
    found = retrieval.find(Query(""), Reader(frozenset()), lambda query, reader, limit: given)
    telling = [passage for passage in found.passages if says_something(passage)]
    return frozenset(passage.chunk for passage in telling[: settings.PROMPT_PASSAGES])


def _asked(form: TrialForm) -> dict[str, Any]:
    data = form.cleaned_data
    earlier: tuple[Turn, ...] = data["turns"]
    readers = frozenset(audience.slug for audience in data["audiences"])
    collection = data["collection"].slug if data["collection"] else None
    question = Question(
        text=data["text"],
        reader=Reader(readers, collection, previews=data["previews"]),
        history=earlier,
        language=data["language"],
    )
    trial, said = _run(question, data["instructions"])
    turns = (*earlier, Turn("customer", question.text), Turn("assistant", said))[-MOST_TURNS:]
    return {
        "form": TrialForm(initial={**data, "text": ""}),
        "trial": trial,
        "turns": _as_json(turns),
        "earlier": _shown(earlier),
    }


def _refused(form: TrialForm) -> dict[str, Any]:
    turns = form.cleaned_data.get("turns", ())
    return {"turns": _as_json(turns), "earlier": _shown(turns)}


def _run(question: Question, instructions: Instructions | None) -> tuple[Trial, str]:
    """Ask within the deadline; return the reply for the page, and its words."""
    deadline, started = Deadline(MOST_SECONDS), time.monotonic()
    reply = answer(question, _toolbox(instructions), deadline)
    text = reply.text or sentence_of(reply.code)
    trial = Trial(
        question=question.text,
        html=_html(text),
        record=record_of_reply(question.text, reply),
        alternatives=reply.alternatives,
        unpublished=_unpublished(reply),
        given_up=deadline.cancelled(),
        seconds=time.monotonic() - started,
    )
    return trial, text


def _toolbox(instructions: Instructions | None) -> Toolbox:
    """Return what customers' answers get, except that the ledger tells trials apart."""
    toolbox = wiring.toolbox()
    if instructions:
        toolbox = wiring.instructed(toolbox, instructions)
    record = toolbox.record_call

    def record_trial(call: CallRecord) -> None:
        record(replace(call, purpose=PURPOSE))

    return replace(toolbox, record_call=record_trial)


def _unpublished(reply: Reply) -> list[str]:
    """Return the titles of cited documents that answer no customer now."""
    cited = {cited.passage.document: cited.passage.title for cited in reply.citations}
    published = Document.objects.published(timezone.now()).filter(pk__in=list(cited))
    answering = {str(pk) for pk in published.values_list("pk", flat=True)}
    return [title for document, title in cited.items() if document not in answering]


def _as_json(turns: Sequence[Turn]) -> str:
    rows = [{"role": turn.role, "text": turn.text} for turn in turns]
    return json.dumps(rows, ensure_ascii=False)


def _shown(turns: Sequence[Turn]) -> list[Said]:
    return [
        Said(True, turn.text, None)
        if turn.role == "customer"
        else Said(False, turn.text, _html(turn.text))
        for turn in turns
    ]


def _html(text: str) -> SafeString:
    # render_markdown sanitises: no scripts, images, attributes or foreign schemes get through.
    return mark_safe(render_markdown(text))  # noqa: S308

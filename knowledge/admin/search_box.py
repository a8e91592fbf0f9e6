"""The search's test box: what a question finds, and why, or why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from knowledge.admin.document_field import DocumentField
from knowledge.explaining import Place, place_of
from knowledge.live_vocabulary import current_rows, expander
from knowledge.models import Audience, Collection, Document
from knowledge.models.collection import PUBLIC_AUDIENCE
from knowledge.retrieval.matching import Piece, split_at_matches, words_of
from knowledge.retrieval.ranking import CODE_WEIGHT, TITLE_WEIGHT
from knowledge.retrieval.spelling import respelled
from knowledge.retrieval.values import Passage, Reader, Retrieved
from knowledge.wiring import searcher
from providers.errors import ProviderError

MOST_CHARACTERS = 2000
MOST_PASSAGES = 50
USUAL_PASSAGES = 10
DEGRADED = {
    "embedding": "The embedding model was away, so only words were compared.",
    "vector_store": "The index was away. These were found in the database by their words alone.",
}
# Given passages in their order: the chunks of those that a prompt would hold.
ForPrompt = Callable[[Sequence[Passage]], frozenset[str]]


class SearchForm(forms.Form):
    """A question, and who asks it where."""

    question = forms.CharField(
        max_length=MOST_CHARACTERS, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )
    audiences = forms.ModelMultipleChoiceField(
        Audience.objects.all(),
        label="Asked by",
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    collection = forms.ModelChoiceField(
        Collection.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label="All collections",
        widget=UnfoldAdminSelectWidget(),
    )
    limit = forms.IntegerField(
        label="Passages shown",
        min_value=1,
        max_value=MOST_PASSAGES,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    previews = forms.BooleanField(
        label="Also what is not published, not yet valid or expired",
        required=False,
        widget=UnfoldBooleanWidget(),
    )
    document = DocumentField(
        label="Document that should be found",
        required=False,
        help_text="Write a part of its title or path, then choose: you see its rank, or what keeps "
        "it out.",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A passage as the page shows it; texts are cut at the question's words."""

    place: int
    passage: Passage
    title: list[Piece]
    heading: list[Piece]
    text: list[Piece]
    words: list[str]
    in_prompt: bool
    answers_now: bool

    @property
    def title_share(self) -> float:
        """Return what the document's title adds to the score."""
        return TITLE_WEIGHT * self.passage.title_score

    @property
    def code_share(self) -> float:
        """Return what the codes of the question that it holds add to the score."""
        return CODE_WEIGHT * self.passage.code_score


@dataclass(frozen=True, slots=True)
class Result:
    """What a search found. `unmatched` are words of the question that no passage holds."""

    found: Retrieved
    rows: list[Row]
    unmatched: list[str]

    @property
    def degraded(self) -> str:
        """Return the sentence on what was missing, or ""."""
        return DEGRADED.get(self.found.degraded, self.found.degraded)


def search_page(request: HttpRequest, for_prompt: ForPrompt) -> HttpResponse:
    """Show the form, and with a question what it finds. Reads only, so that it can be linked to."""
    if not request.user.has_perm("knowledge.change_document"):
        raise PermissionDenied
    asked = "question" in request.GET
    given = {"audiences": [PUBLIC_AUDIENCE], "limit": USUAL_PASSAGES}
    form = SearchForm(_with_usual(request) if asked else None, initial=given)
    context: dict[str, Any] = {}
    if asked and form.is_valid():
        context = _search(form.cleaned_data, for_prompt)
    return TemplateResponse(
        request,
        "admin/knowledge/search.html",
        {
            **admin.site.each_context(request),
            "title": "Test the search",
            "form": form,
            "prompt_passages": settings.PROMPT_PASSAGES,
            **context,
        },
    )


def _with_usual(request: HttpRequest) -> Any:
    """Return what was asked, so that a link may leave out what is usual."""
    data = request.GET.copy()
    data.setdefault("limit", str(USUAL_PASSAGES))
    if "audiences" not in data:
        data.setlist("audiences", [PUBLIC_AUDIENCE])
    return data


def _search(asked: Mapping[str, Any], for_prompt: ForPrompt) -> dict[str, Any]:
    question: str = asked["question"]
    audiences = frozenset(audience.slug for audience in asked["audiences"])
    collection = asked["collection"].slug if asked["collection"] else None
    reader = Reader(audiences, collection, previews=asked["previews"])
    document: Document | None = asked["document"]
    try:
        found = searcher().retrieve(question, reader, asked["limit"])
        place: Place | None = place_of(document, question, reader) if document else None
    except ProviderError as error:
        return {"problem": str(error)}
    spelled = respelled(question, found.corrected)
    searched = expander(current_rows())(spelled)
    more = [word for _, others in found.corrected for word in others[1:]]
    words = words_of(" ".join([searched.sparse, *more]))
    return {
        "result": _result(found, words, for_prompt),
        "place": place,
        "nearest": _nearest(place, words),
        "only_stop_words": not words,
        "corrected": found.corrected,
        "added": searched.sparse.removeprefix(spelled).strip(),
        "kept": searched.kept,
    }


def _result(found: Retrieved, words: Mapping[str, frozenset[str]], for_prompt: ForPrompt) -> Result:
    in_prompt = for_prompt(found.passages)
    answering = _answering_now(found.passages)
    rows = [
        _row(place, passage, words, passage.chunk in in_prompt, passage.document in answering)
        for place, passage in enumerate(found.passages, 1)
    ]
    matched = {word for row in rows for word in row.words}
    return Result(found, rows, [word for word in words if word not in matched])


def _row(
    place: int,
    passage: Passage,
    words: Mapping[str, frozenset[str]],
    in_prompt: bool,
    answers_now: bool,
) -> Row:
    wanted = frozenset().union(*words.values())
    # The index holds title and headings with each passage.
    parts = [split_at_matches(t, wanted) for t in (passage.title, passage.heading, passage.text)]
    held = frozenset().union(
        *(words_of(piece).get(piece, frozenset()) for part in parts for piece, hit in part if hit)
    )
    return Row(
        place=place,
        passage=passage,
        title=parts[0],
        heading=parts[1] if passage.heading != passage.title else [],
        text=parts[2],
        words=[word for word, searched in words.items() if not searched.isdisjoint(held)],
        in_prompt=in_prompt,
        answers_now=answers_now,
    )


def _answering_now(passages: Sequence[Passage]) -> set[str]:
    published = Document.objects.published(timezone.now())
    rows = published.filter(pk__in={passage.document for passage in passages})
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def _nearest(place: Place | None, words: Mapping[str, frozenset[str]]) -> list[Piece]:
    if place is None or place.nearest is None:
        return []
    return split_at_matches(place.nearest.text, frozenset().union(*words.values()))

"""Contradictions and duplicates in the admin: what was found, for an operator to decide."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin

from knowledge.actions.comparison import decide_contradictions, decide_duplicates
from knowledge.models import Chunk, Contradiction, Document, DuplicatePair, ReviewState
from observability.read_only_admin import ago

# Icon and tone (static/admin/supportbot.css) of a state, besides its words.
LOOKS: dict[str, tuple[str, str]] = {
    ReviewState.OPEN: ("help", "warning"),
    ReviewState.SETTLED: ("check_circle", "good"),
    ReviewState.DISMISSED: ("do_not_disturb_on", "plain"),
}
DECISIONS = {
    "settle": ReviewState.SETTLED,
    "dismiss": ReviewState.DISMISSED,
    "reopen": ReviewState.OPEN,
}
_URGENCY = Case(
    When(state=ReviewState.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField()
)


class Side(NamedTuple):
    """One of two statements: its document, and the text before, in and after the value."""

    document: Document
    before: str
    value: str
    after: str
    chunk: Chunk | None = None


class ReviewAdmin(ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """Rows that the program finds and an operator decides on; nobody adds or deletes any."""

    list_fullwidth = True
    list_per_page = 50
    list_filter: tuple[str, ...] = ("state", "first__collection")
    actions = ("settle_chosen", "dismiss_chosen", "reopen_chosen")
    noun = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Fetch the documents with the rows."""
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.select_related("first", "second")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Return: those to be looked at first."""
        return (_URGENCY.asc(), *self.opts.ordering)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what no longer holds goes by itself."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add what the buttons of a row's page call."""
        name = f"knowledge_{self.opts.model_name}_act"
        view = self.admin_site.admin_view(require_POST(self.act))
        return [path("<int:row_id>/act/", view, name=name), *super().get_urls()]

    @admin.display(description="State", ordering="state")
    def shown_state(self, row: Any) -> SafeString:
        """Return the state in words with its icon."""
        return _chip(row)

    @admin.display(description="Found", ordering="found_at")
    def found(self, row: Any) -> SafeString:
        """Return how long ago it was found."""
        return ago(row.found_at)

    @admin.action(description="Settled: the documents are put right", permissions=["change"])
    def settle_chosen(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Mark the chosen ones as settled."""
        self._decide(request, chosen, ReviewState.SETTLED)

    @admin.action(description="Not a problem: do not show it again", permissions=["change"])
    def dismiss_chosen(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Mark the chosen ones as no problem."""
        self._decide(request, chosen, ReviewState.DISMISSED)

    @admin.action(description="Look at it again", permissions=["change"])
    def reopen_chosen(self, request: HttpRequest, chosen: QuerySet[Any]) -> None:
        """Put the chosen ones back among those to be looked at."""
        self._decide(request, chosen, ReviewState.OPEN)

    def act(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Do what a button of a row's page says."""
        row = get_object_or_404(self.model, pk=row_id)
        state = DECISIONS.get(request.POST.get("action", ""))
        if state is None or not self.has_change_permission(request, row):
            raise PermissionDenied
        self._decide(request, self.model.objects.filter(pk=row_id), state)
        address = reverse(f"admin:knowledge_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(address)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show both sides with what surrounds them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": self.noun,
            "object": row,
            "row": row,
            "chip": _chip(row),
            "sides": self.sides(row),
            "may_change": self.has_change_permission(request, row),
            "act_url": reverse(f"admin:knowledge_{self.opts.model_name}_act", args=[row.pk]),
        }
        return TemplateResponse(request, "admin/knowledge/review.html", context)

    def sides(self, row: Any) -> tuple[Side, Side]:
        """Return both sides of a row."""
        return Side(row.first, "", "", ""), Side(row.second, "", "", "")

    def apply(self, request: HttpRequest, chosen: QuerySet[Any], state: ReviewState) -> int:
        """Record a decision; return how many rows changed."""
        raise NotImplementedError

    def _decide(self, request: HttpRequest, chosen: QuerySet[Any], state: ReviewState) -> None:
        # The rows of an action come ordered and joined; an update wants them by number.
        rows = self.model.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        number = self.apply(request, rows, state)
        noun = self.noun.lower() if number == 1 else f"{self.noun.lower()}s"
        messages.success(request, f"{number} {noun}: {state.label.lower()}.")


@admin.register(Contradiction)
class ContradictionAdmin(ReviewAdmin):
    """Pairs of statements with different values, side by side."""

    noun = "Contradiction"
    empty_list = (
        "No contradiction has been found. Two statements about the same thing with different "
        "numbers, dates or prices are listed here as soon as documents hold them; upload what is "
        "still missing."
    )
    list_display = ("shown_kind", "statements", "shown_state", "found")
    list_display_links = ("shown_kind",)
    list_filter = ("state", "kind", "first__collection")
    search_fields = ("first_statement", "second_statement", "first__title", "second__title")

    @admin.display(description="What differs", ordering="kind")
    def shown_kind(self, row: Contradiction) -> str:
        """Return what kind of value differs."""
        return row.kind.capitalize()

    @admin.display(description="Statements")
    def statements(self, row: Contradiction) -> SafeString:
        """Return both statements side by side."""
        return render_to_string("admin/knowledge/sides.html", {"sides": _sides(row)})

    def sides(self, row: Contradiction) -> tuple[Side, Side]:
        """Return both statements with their passages."""
        return _sides(row, with_passages=True)

    def apply(self, request: HttpRequest, chosen: QuerySet[Any], state: ReviewState) -> int:
        """Record a decision with who made it."""
        return decide_contradictions(chosen, state, request.user)  # type: ignore[arg-type]


@admin.register(DuplicatePair)
class DuplicatePairAdmin(ReviewAdmin):
    """Pairs of documents that say the same."""

    noun = "Duplicate"
    empty_list = (
        "No duplicate has been found. Documents that say the same, word for word or nearly, are "
        "listed here as soon as they are ready; upload what is still missing."
    )
    list_display = ("shown_similarity", "documents", "shown_state", "found")
    list_display_links = ("shown_similarity",)
    search_fields = ("first__title", "second__title", "first__path", "second__path")

    @admin.display(description="Alike", ordering="similarity")
    def shown_similarity(self, row: DuplicatePair) -> str:
        """Return how alike they are, in words where they are the same."""
        return _alike_in_words(row.similarity)

    @admin.display(description="Documents")
    def documents(self, row: DuplicatePair) -> SafeString:
        """Return both documents side by side."""
        return render_to_string("admin/knowledge/sides.html", {"sides": self.sides(row)})

    def apply(self, request: HttpRequest, chosen: QuerySet[Any], state: ReviewState) -> int:
        """Record a decision."""
        return decide_duplicates(chosen, state)


def _chip(row: Any) -> SafeString:
    icon, tone = LOOKS[row.state]
    context = {"icon": icon, "tone": tone, "label": row.get_state_display()}
    return render_to_string("admin/knowledge/review_state.html", context)


def _alike_in_words(similarity: float) -> str:
    # The same signature is not yet the same text.
    return "The same text" if similarity >= 1 else f"{min(similarity, 0.99):.0%}"


def _sides(row: Contradiction, *, with_passages: bool = False) -> tuple[Side, Side]:
    wanted = [pk for pk in (row.first_chunk, row.second_chunk) if pk] if with_passages else []
    chunks = Chunk.objects.filter(Q(pk__in=wanted)).in_bulk() if wanted else {}
    return (
        _side(row.first, row.first_statement, row.first_value, chunks, row.first_chunk),
        _side(row.second, row.second_statement, row.second_value, chunks, row.second_chunk),
    )


def _side(
    document: Document,
    statement: str,
    value: str,
    chunks: dict[uuid.UUID, Chunk],
    chunk: uuid.UUID | None,
) -> Side:
    before, found, after = statement.partition(value)
    passage = chunks.get(chunk) if chunk else None
    return Side(document, before, found, after, passage)

"""What the answer cache holds, what it served, what that saved, and where it was wrong."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.safestring import SafeString

from conversations.actions.cached_answers import drop_behind
from conversations.admin.chips import excerpt
from conversations.models import CachedAnswer, CacheHit
from observability.read_only_admin import ReadOnlyAdmin, ago


class _Droppable(ReadOnlyAdmin):
    """A list from which those who may change it drop cached answers."""

    list_per_page = 50

    def has_drop_permission(self, request: HttpRequest) -> bool:
        """Say whether this person may drop cached answers."""
        return request.user.has_perm(f"conversations.change_{self.opts.model_name}")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the record of the answer."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request):
            raise Http404
        address = reverse("admin:conversations_answer_change", args=[row.answer_id])
        return HttpResponseRedirect(address)


@admin.register(CacheHit)
class CacheHitAdmin(_Droppable):
    """Each question that was given an earlier answer."""

    empty_list = (
        "No answer was given a second time yet. It happens when somebody asks what was asked "
        "before and the documents it rests on are unchanged."
    )
    list_before_template = "admin/conversations/cache_totals.html"
    list_display = ("asked_now", "asked_before", "layer", "saved", "reported_wrong", "when")
    list_filter = ("layer", "reported_wrong", "created_at")
    search_fields = ("asked_first", "answer__question")
    actions = ("report_wrong",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[CacheHit]:
        """Fetch the answers with the rows."""
        rows: QuerySet[CacheHit] = super().get_queryset(request)
        return rows.select_related("answer")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add what the cache did in all."""
        totals = CacheHit.objects.all().totals()
        layers = [
            (label, totals[f"layer_{value}"])
            for value, label in CacheHit._meta.get_field("layer").flatchoices
        ]
        more = {"totals": totals, "layers": layers, "kept": CachedAnswer.objects.count()}
        response: HttpResponse = super().changelist_view(request, {**more, **(extra_context or {})})
        return response

    @admin.display(description="Asked", ordering="answer__question")
    def asked_now(self, hit: CacheHit) -> str:
        """Return the question that was served."""
        return excerpt(hit.answer.question)

    @admin.display(description="Answer written for", ordering="asked_first")
    def asked_before(self, hit: CacheHit) -> str:
        """Return the question that the answer was written for."""
        return excerpt(hit.asked_first)

    @admin.display(description="Saved (USD)", ordering="saved_usd")
    def saved(self, hit: CacheHit) -> str:
        """Return what the answer cost when it was written; an unknown price is not zero."""
        return "unknown price" if hit.saved_usd is None else f"{hit.saved_usd:.6f}"

    @admin.display(description="When", ordering="created_at")
    def when(self, hit: CacheHit) -> SafeString:
        """Return how long ago it was."""
        return ago(hit.created_at)

    @admin.action(description="This cached answer was wrong: drop it", permissions=["drop"])
    def report_wrong(self, request: HttpRequest, chosen: QuerySet[CacheHit]) -> None:
        """Count the chosen hits as wrong, and drop the answers that they were."""
        answers = list(chosen.values_list("answer", flat=True))
        dropped = drop_behind(answers, wrong=True)
        _say(request, dropped, f"Counted as wrong: {len(answers)}.")


@admin.register(CachedAnswer)
class CachedAnswerAdmin(_Droppable):
    """Each answer that others may get."""

    empty_list = (
        "No answer is kept at the moment. Good answers of the language model to questions that "
        "hold nothing personal are kept as they are given; connect a model under Model first."
    )
    list_display = ("asked", "audiences", "collection", "language", "model", "cost", "when")
    list_filter = ("language", "collection", "model", "prompt_version")
    search_fields = ("question", "text")
    actions = ("drop",)

    @admin.display(description="Question", ordering="question")
    def asked(self, row: CachedAnswer) -> str:
        """Return an excerpt of the question."""
        return excerpt(row.question)

    @admin.display(description="Cost (USD)", ordering="cost_usd")
    def cost(self, row: CachedAnswer) -> str:
        """Return what it cost; an unknown price is not zero."""
        return "unknown price" if row.cost_usd is None else f"{row.cost_usd:.6f}"

    @admin.display(description="When", ordering="created_at")
    def when(self, row: CachedAnswer) -> SafeString:
        """Return how long ago it was."""
        return ago(row.created_at)

    @admin.action(description="Drop: answer anew next time", permissions=["drop"])
    def drop(self, request: HttpRequest, chosen: QuerySet[CachedAnswer]) -> None:
        """Drop the chosen answers."""
        dropped = chosen.order_by().delete()[0]
        _say(request, dropped, "")


def _say(request: HttpRequest, dropped: int, more: str) -> None:
    messages.success(request, f"Kept answers dropped: {dropped}. {more}".strip())

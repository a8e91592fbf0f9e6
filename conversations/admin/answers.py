"""Answers with all that led to them, and what customers thought of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from conversations.admin.chips import excerpt, rating_chip
from conversations.admin.transcript import record_of, reply_html
from conversations.answer_words import LEVELS, came_to
from conversations.models import Answer, Feedback
from conversations.rating_export import rated_or_signalled, rating_lines, signals_in_words
from observability.models import LlmCall
from observability.read_only_admin import ReadOnlyAdmin, ago

MOST_RIGHT_DOCUMENTS = 6


@admin.register(Answer)
class AnswerAdmin(ReadOnlyAdmin):
    """Every final reply and its record."""

    empty_list = (
        "No question was answered yet. Open the chat or Try the bot and ask one: each answer is "
        "listed here with its citations and reasons."
    )
    list_display = (
        "question_asked",
        "outcome",
        "sure",
        "model",
        "cost",
        "took",
        "rating",
        "signals",
        "when",
    )
    list_filter = (
        "disposition",
        "source",
        "confidence_level",
        "model",
        "prompt_version",
        "instructions_version",
        "created_at",
    )
    search_fields = ("question", "query", "error", "trace_id")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Answer]:
        """Fetch the ratings with the rows."""
        rows: QuerySet[Answer] = super().get_queryset(request)
        return rows.prefetch_related("feedback", "message__signals")

    @admin.display(description="Question", ordering="question")
    def question_asked(self, answer: Answer) -> str:
        """Return an excerpt of the question."""
        return excerpt(answer.question)

    @admin.display(description="Came to", ordering="disposition")
    def outcome(self, answer: Answer) -> str:
        """Return what happened to the question."""
        return came_to(answer.disposition, answer.source)

    @admin.display(description="Confidence", ordering="confidence")
    def sure(self, answer: Answer) -> str:
        """Return the confidence in words and as a number."""
        level = LEVELS.get(answer.confidence_level, answer.confidence_level)
        return f"{level} ({answer.confidence:.2f})"

    @admin.display(description="Cost (USD)", ordering="cost_usd")
    def cost(self, answer: Answer) -> str:
        """Return the cost; no model, no cost; an unknown price is not zero."""
        if not answer.model:
            return "none"
        return "unknown price" if answer.cost_usd is None else f"{answer.cost_usd:.6f}"

    @admin.display(description="Took")
    def took(self, answer: Answer) -> str:
        """Return the time of all stages."""
        return f"{sum(answer.timings_ms.values()):,.0f} ms"

    @admin.display(description="When", ordering="created_at")
    def when(self, answer: Answer) -> SafeString:
        """Return how long ago it was."""
        return ago(answer.created_at)

    @admin.display(description="Rating")
    def rating(self, answer: Answer) -> SafeString | str:
        """Return what the customer thought."""
        ratings = list(answer.feedback.all())
        return rating_chip(ratings[0]) if ratings else ""

    @admin.display(description="Signals")
    def signals(self, answer: Answer) -> str:
        """Return what the customer did with it."""
        return signals_in_words(signal.kind for signal in answer.message.signals.all())

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show how one answer came about."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        answer = self.get_object(request, object_id)
        if answer is None:
            raise Http404
        question_and_reply = [answer.message_id, answer.message.reply_to_id]
        with_calls = request.user.has_perm("observability.view_llmcall")
        calls = LlmCall.objects.filter(message_id__in=question_and_reply) if with_calls else ()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Answer",
            "object": answer,
            "answer": answer,
            "reply": reply_html(answer.message),
            "record": record_of(answer, calls),
            "signals": signals_in_words(answer.message.signals.values_list("kind", flat=True)),
            "may_read": request.user.has_perm("conversations.view_conversation"),
            "may_open_documents": request.user.has_perm("knowledge.view_document"),
            **_golden_links(request, answer),
        }
        return TemplateResponse(request, "admin/conversations/answer.html", context)


def _golden_links(request: HttpRequest, answer: Answer) -> dict[str, Any]:
    """Return where a found document is called the right one, for those who may say so."""
    if not request.user.has_perm("knowledge.add_goldenquestion"):
        return {"right_documents": None}
    address = reverse("admin:knowledge_goldenquestion_add")
    found = {str(row["document"]): str(row["title"]) for row in answer.passages}
    links = [
        (title, f"{address}?{urlencode({'question': answer.question, 'document': document})}")
        for document, title in list(found.items())[:MOST_RIGHT_DOCUMENTS]
    ]
    another = f"{address}?{urlencode({'question': answer.question})}"
    return {"right_documents": links, "another_document": another}


@admin.register(Feedback)
class FeedbackAdmin(ReadOnlyAdmin):
    """Ratings, the newest first; each row leads to its answer."""

    empty_list = (
        "Nobody has rated an answer yet. Customers do it below each answer; read the answers "
        "themselves until then."
    )
    list_before_template = "admin/conversations/export.html"
    list_display = ("shown_rating", "reason", "comment", "question_asked", "when")
    list_display_links = ("shown_rating", "question_asked")
    list_filter = ("rating", "reason", "updated_at")
    search_fields = ("comment", "answer__question")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Feedback]:
        """Fetch the answers with the rows."""
        rows: QuerySet[Feedback] = super().get_queryset(request)
        return rows.select_related("answer")

    def get_urls(self) -> list[URLPattern]:
        """Add the export of ratings and signals."""
        view = self.admin_site.admin_view(self.export)
        own = path("export/", view, name="conversations_feedback_export")
        return [own, *super().get_urls()]

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Return a line for each answer that was rated or that something happened with."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        answer = StreamingHttpResponse(
            rating_lines(rated_or_signalled()), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="ratings-and-signals.csv"'
        return answer

    @admin.display(description="Rating", ordering="rating")
    def shown_rating(self, feedback: Feedback) -> SafeString:
        """Return the rating in words with its icon."""
        return rating_chip(feedback)

    @admin.display(description="When", ordering="updated_at")
    def when(self, feedback: Feedback) -> SafeString:
        """Return how long ago it was."""
        return ago(feedback.updated_at)

    @admin.display(description="Question")
    def question_asked(self, feedback: Feedback) -> str:
        """Return an excerpt of the question."""
        return excerpt(feedback.answer.question)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the answer that was rated."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        feedback = self.get_object(request, object_id)
        if feedback is None:
            raise Http404
        return HttpResponseRedirect(
            reverse("admin:conversations_answer_change", args=[feedback.answer_id])
        )

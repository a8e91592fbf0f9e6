"""The ledger of LLM calls and the incidents, for operators."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString

from observability.export import csv_lines
from observability.filters import (
    AnotherModelFilter,
    OutcomeFilter,
    SlowFilter,
    VisitorFilter,
    WhenFilter,
)
from observability.models import Incident, LlmCall
from observability.read_only_admin import ReadOnlyAdmin, ago


@admin.register(LlmCall)
class LlmCallAdmin(ReadOnlyAdmin):
    """What each call used, cost and came to."""

    empty_list = (
        "No language model was asked yet. Connect one under Model, then each call is listed here "
        "with its cost."
    )
    list_display = (
        "when",
        "purpose",
        "called",
        "outcome",
        "detail",
        "tokens",
        "cost",
        "first_token",
        "total",
    )
    list_filter = (
        "model",
        VisitorFilter,
        WhenFilter,
        SlowFilter,
        OutcomeFilter,
        AnotherModelFilter,
        "purpose",
        "prompt_version",
        "cache_layer",
        "settings_hash",
    )
    list_filter_submit = True
    list_before_template = "admin/observability/export.html"
    search_fields = ("model", "detail", "trace_id", "=conversation_id", "=message_id")
    date_hierarchy = "created_at"

    def get_urls(self) -> list[URLPattern]:
        """Add the export of what the filters leave."""
        view = self.admin_site.admin_view(self.export)
        own = path("export/", view, name="observability_llmcall_export")
        return [own, *super().get_urls()]

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """Send the calls that the list's filters and search leave, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        calls = self.get_changelist_instance(request).get_queryset(request)
        name = f"llm-calls-{timezone.now():%Y-%m-%d}.csv"
        return StreamingHttpResponse(
            csv_lines(calls.iterator()),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    @admin.display(description="When", ordering="created_at")
    def when(self, row: LlmCall) -> SafeString:
        """Return how long ago it was."""
        return ago(row.created_at)

    @admin.display(description="Model", ordering="model")
    def called(self, call: LlmCall) -> str:
        """Return the model, the one wanted first where it is another, and whether it is a retry."""
        told = call.model
        if call.asked_model not in ("", call.model):
            told += f" (asked: {call.asked_model})"
        return f"{told}, call {call.retry + 1}" if call.retry else told

    @admin.display(description="Tokens in and out")
    def tokens(self, call: LlmCall) -> str:
        """Return tokens as counted by the endpoint."""
        if call.input_tokens is None:
            return "not told"
        return f"{call.input_tokens:,} in, {call.output_tokens or 0:,} out"

    @admin.display(description="Cost (USD)", ordering="cost_usd")
    def cost(self, call: LlmCall) -> str:
        """Return the cost; an unknown price is not zero."""
        return "unknown price" if call.cost_usd is None else f"{call.cost_usd:.6f}"

    @admin.display(description="First token", ordering="first_token_ms")
    def first_token(self, call: LlmCall) -> str:
        """Return the time to the first token."""
        return "none" if call.first_token_ms is None else f"{call.first_token_ms:,.0f} ms"

    @admin.display(description="Whole call", ordering="total_ms")
    def total(self, call: LlmCall) -> str:
        """Return the duration of the call."""
        return f"{call.total_ms:,.0f} ms"


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """What went wrong and was handled."""

    empty_list = (
        "Nothing has gone wrong so far. What does is listed here; run manage.py doctor to check "
        "everything now."
    )
    list_display = ("when", "kind", "detail", "conversation_id", "message_id")
    list_filter = ("kind",)
    search_fields = ("kind", "detail", "trace_id", "=conversation_id", "=message_id")
    date_hierarchy = "created_at"

    @admin.display(description="When", ordering="created_at")
    def when(self, row: Incident) -> SafeString:
        """Return how long ago it was."""
        return ago(row.created_at)

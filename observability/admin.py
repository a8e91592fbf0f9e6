"""The ledger of LLM calls and the incidents, for operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from observability.models import Incident, LlmCall
from observability.read_only_admin import ReadOnlyAdmin, ago


class OutcomeFilter(admin.SimpleListFilter):
    """Successful or failed calls."""

    title = "outcome"
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Offer the two."""
        return [("ok", "Successful"), ("failed", "Failed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[LlmCall]) -> QuerySet[LlmCall]:
        """Keep those asked for."""
        if self.value() == "ok":
            return queryset.filter(outcome="ok")
        return queryset.exclude(outcome="ok") if self.value() == "failed" else queryset


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
        "model",
        "outcome",
        "detail",
        "tokens",
        "cost",
        "first_token",
        "total",
    )
    list_filter = (OutcomeFilter, "purpose", "model")
    search_fields = ("model", "detail", "trace_id", "=conversation_id", "=message_id")
    date_hierarchy = "created_at"

    @admin.display(description="When", ordering="created_at")
    def when(self, row: LlmCall) -> SafeString:
        """Return how long ago it was."""
        return ago(row.created_at)

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

"""The day's budget for calls of language models, as one answer sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from decimal import Decimal

from django.conf import settings
from django.db.models import DateTimeField

from conversations.pooled_connection import give_back
from knowledge.compiled_query import CompiledQuery
from observability.models import LlmCall, spent_usd
from providers.clock import SystemClock
from providers.llm.base import CallRecord

# Two stages ask for the budget within one answer; each asks the database only after this time.
SPENDING_KNOWN_SECONDS = 2.0
_costs: CompiledQuery[tuple[Decimal | None, int]] = CompiledQuery(
    lambda start: LlmCall.objects.costs_since(start), start=DateTimeField()
)


def budget_used() -> float:
    """Return which share of today's budget (UTC) is spent; 1 and more: nothing is left."""
    midnight = (
        SystemClock().now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    assumed = Decimal(str(settings.LLM_ASSUMED_COST_USD))
    spent = spent_usd(_costs.rows(start=midnight)[0], assumed)
    give_back()
    budget = Decimal(str(settings.LLM_DAILY_BUDGET_USD))
    return float(spent / budget) if budget else 1.0


class Spending:
    """The budget as one answer sees it: within moments the database is asked once."""

    def __init__(self) -> None:
        self._read_at = 0.0
        self._share = 0.0

    def share(self) -> float:
        """Return which share of today's budget is used."""
        now = SystemClock().monotonic_seconds()
        if not self._read_at or now - self._read_at > SPENDING_KNOWN_SECONDS:
            self._share, self._read_at = budget_used(), now
        return self._share

    def within_budget(self) -> bool:
        """Say whether there is room for another call."""
        return self.share() < 1

    def noting(self, record: Callable[[CallRecord], None]) -> Callable[[CallRecord], None]:
        """Return a recorder after which the database is asked anew."""

        def recorded(call: CallRecord) -> None:
            self._read_at = 0.0
            record(call)

        return recorded

"""The ledger of LLM calls, the models that are left alone, and the list of incidents.

No foreign keys: ingestion, drafts and evaluation spend money too, and a record outlives what it
speaks of.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Count, Q, Sum, Value


class LlmCallQuerySet(models.QuerySet["LlmCall"]):
    """Sums over the ledger."""

    def spent_usd_since(self, start: datetime, assumed_usd: Decimal = Decimal(0)) -> Decimal:
        """Return the cost since `start`; a call of unknown price counts as `assumed_usd`.

        A failed one counts only when tokens are known to have been used.
        """
        return spent_usd(self.costs_since(start).get(), assumed_usd)

    def costs_since(self, start: Any) -> models.QuerySet[LlmCall, tuple[Decimal | None, int]]:
        """Return one row: the sum of the known costs, and how many calls are of unknown price.

        `start` may be an expression.
        """
        unknown = Q(cost_usd=None) & (Q(outcome="ok") | Q(input_tokens__isnull=False))
        # One group of all rows, as an aggregate is, but still a query.
        rows = self.filter(created_at__gte=start).order_by().annotate(all=Value(1)).values("all")
        sums = rows.annotate(known=Sum("cost_usd"), unknown=Count("pk", filter=unknown))
        return sums.values_list("known", "unknown")


def spent_usd(costs: tuple[Decimal | None, int], assumed_usd: Decimal) -> Decimal:
    """Return the sum of what `costs_since` found, with an assumed cost for each unknown price."""
    known, unpriced = costs
    return Decimal(known or 0) + unpriced * assumed_usd


class LlmCall(models.Model):
    """One call to a language model, successful or not."""

    purpose = models.CharField(max_length=40)
    endpoint = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=200, help_text="The model that was called")
    asked_model = models.CharField(
        max_length=200, blank=True, help_text="The model that was wanted first"
    )
    retry = models.PositiveSmallIntegerField(
        default=0, help_text="Calls made before this one for the same text"
    )
    parameters = models.JSONField(default=dict, help_text="Temperature and most output tokens")
    prompt_version = models.CharField(max_length=60, blank=True)
    settings_hash = models.CharField(
        max_length=12, blank=True, help_text="The same as long as no setting of answers changes"
    )
    outcome = models.CharField(max_length=60, help_text="ok, or the name of the error")
    detail = models.CharField(max_length=500, blank=True)
    input_tokens = models.PositiveIntegerField(null=True)
    output_tokens = models.PositiveIntegerField(null=True)
    cached_input_tokens = models.PositiveIntegerField(null=True)
    cache_layer = models.CharField(
        max_length=20,
        blank=True,
        help_text="provider: part of the prompt was in the endpoint's own cache",
    )
    cost_usd = models.DecimalField(
        max_digits=12, decimal_places=6, null=True, help_text="Empty when the price is unknown"
    )
    first_token_ms = models.FloatField(null=True)
    total_ms = models.FloatField()
    conversation_id = models.UUIDField(null=True, db_index=True)
    message_id = models.UUIDField(null=True, db_index=True)
    visitor_id = models.UUIDField(null=True)
    attempt = models.PositiveIntegerField(null=True)
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    objects = LlmCallQuerySet.as_manager()

    class Meta:
        verbose_name = "LLM call"
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["visitor_id", "created_at"], name="llmcall_of_visitor")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.model} {self.outcome}"


class LeftAlone(models.Model):
    """A model that was not called for a while, as the last process that noticed it says."""

    endpoint = models.CharField(max_length=200)
    model = models.CharField(max_length=200)
    why = models.CharField(max_length=20, help_text="failing or refused")
    until = models.DateTimeField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "left alone"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "model"], name="left_alone_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} ({self.why})"

    @property
    def in_words(self) -> str:
        """Return why it is not called, for operators."""
        return (
            "the endpoint refuses it: check the key, the name and the account"
            if self.why == "refused"
            else "its last calls failed"
        )


class Incident(models.Model):
    """Something went wrong and was handled: what, where, and what became of it."""

    kind = models.CharField(max_length=60, db_index=True)
    detail = models.CharField(max_length=500, blank=True)
    conversation_id = models.UUIDField(null=True, db_index=True)
    message_id = models.UUIDField(null=True, db_index=True)
    trace_id = models.CharField(max_length=32, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"

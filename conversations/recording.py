"""Writes what a call to a language model came to: ledger, incidents, and who is left alone.

Nothing here raises: a customer's answer is worth more than its line in the ledger. What belongs to
one call is one transaction: many answers end together when a model is given up, and statements by
themselves would each wait for the disk, and in SQLite out of turn.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, transaction
from django.utils import timezone

from observability.models import Incident, LeftAlone, LlmCall
from observability.tracing import current_trace_id
from providers.llm.base import CallRecord
from providers.llm.breaker import Change

logger = logging.getLogger(__name__)
REFUSED = "llm_refused"
# The kinds of incidents by the name of the error. A refusal is told once for each opening of the
# breaker, and a call that we ended ourselves is none.
KINDS: Mapping[str, str] = {
    "EndpointUnreachable": "llm_unreachable",
    "ProviderUnavailable": "llm_failed",
    "ProviderTimeout": "llm_too_slow",
    "ProviderRateLimited": "llm_rate_limited",
    "RequestRejected": "llm_request_rejected",
    "ContextTooLong": "llm_prompt_too_long",
    "ContentFiltered": "llm_content_filtered",
    "CompletionCutShort": "llm_cut_short",
    "CompletionUnusable": "llm_unusable_reply",
}


@dataclass(slots=True)
class About:
    """On whose behalf calls are made; `told` are the incidents of this attempt so far."""

    conversation_id: UUID | None = None
    message_id: UUID | None = None
    visitor_id: UUID | None = None
    attempt: int | None = None
    settings_hash: str = ""
    told: set[tuple[str, str]] = field(default_factory=set)


def record_call(call: CallRecord, about: About) -> None:
    """Store one call, the incident it was, and what it changed about its model."""
    try:
        with transaction.atomic():
            LlmCall.objects.create(**_line(call, about))
            if call.outcome != "ok" or call.breaker is not None:
                _consequences(call, about)
    except DatabaseError:
        logger.exception("llm call not recorded", extra={"message_id": str(about.message_id)})


def _consequences(call: CallRecord, about: About) -> None:
    """Store what a call was a sign of; when that fails, its line in the ledger stays."""
    try:
        with transaction.atomic():
            _incident(call, about)
            if call.breaker is not None:
                _left_alone(call, call.breaker)
    except DatabaseError:
        logger.exception("incident not recorded", extra={"message_id": str(about.message_id)})


def record_incident(kind: str, detail: str, about: About) -> None:
    """Store an incident, once for each attempt and wording."""
    if (kind, detail) in about.told:
        return
    about.told.add((kind, detail))
    Incident.objects.create(
        kind=kind,
        detail=detail[:500],
        conversation_id=about.conversation_id,
        message_id=about.message_id,
        trace_id=current_trace_id(),
    )


def _line(call: CallRecord, about: About) -> dict[str, Any]:
    usage = call.usage
    return {
        "purpose": call.purpose,
        "endpoint": call.endpoint,
        "model": call.model,
        "asked_model": call.asked_model,
        "retry": call.retry,
        "parameters": dict(call.parameters),
        "prompt_version": call.prompt_version,
        "settings_hash": about.settings_hash,
        "outcome": call.outcome,
        "detail": call.detail[:500],
        "input_tokens": usage.input_tokens if usage else None,
        "output_tokens": usage.output_tokens if usage else None,
        "cached_input_tokens": usage.cached_input_tokens if usage else None,
        "cache_layer": "provider" if usage and usage.cached_input_tokens else "",
        "cost_usd": call.cost_usd,
        "first_token_ms": call.first_token_ms,
        "total_ms": call.total_ms,
        "conversation_id": about.conversation_id,
        "message_id": about.message_id,
        "visitor_id": about.visitor_id,
        "attempt": about.attempt,
        "trace_id": current_trace_id(),
    }


def _incident(call: CallRecord, about: About) -> None:
    what = f"{call.model} at {call.endpoint}: {call.detail}"
    if kind := KINDS.get(call.outcome):
        record_incident(kind, what, about)
    change = call.breaker
    if change is None or change.why is None or not change.new:
        return
    kind = REFUSED if change.why == "refused" else "llm_left_alone"
    record_incident(kind, f"{what}; not called for {change.seconds:.0f} s", about)


def _left_alone(call: CallRecord, change: Change) -> None:
    now = timezone.now()
    if change.why is None:
        LeftAlone.objects.filter(endpoint=call.endpoint, model=call.model).delete()
        return
    LeftAlone.objects.update_or_create(
        endpoint=call.endpoint,
        model=call.model,
        defaults={"why": str(change.why), "until": now + timedelta(seconds=change.seconds)},
    )

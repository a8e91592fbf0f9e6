"""The reply when no answer can be made: a person has been asked."""

from __future__ import annotations

from conversations.answering.codes import Code
from conversations.answering.values import (
    Confidence,
    ConfidenceLevel,
    Disposition,
    Reply,
    Source,
)
from conversations.models import EscalationReason


def handover_reply(error: str) -> Reply:
    """Return an honest handoff; `error` is kept with the answer for the operator."""
    return Reply(
        text="",
        code=Code.COULD_NOT_ANSWER,
        disposition=Disposition.ESCALATE,
        source=Source.RULE,
        confidence=Confidence(0.0, ConfidenceLevel.LOW),
        escalation_reason=EscalationReason.FAILURE,
        human_offered=True,
        error=error,
    )

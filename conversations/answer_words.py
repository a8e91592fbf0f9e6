"""Words for operators and agents about how an answer came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from conversations.answering.codes import REASON_SENTENCES
from conversations.models import ServiceState

DISPOSITIONS = {
    "answer": "Answered",
    "extract": "Quoted from documents",
    "clarify": "Asked back",
    "refuse": "Not found in the documents",
    "escalate": "Handed to a person",
}
SOURCES = {
    "llm": "by the language model",
    "cache": "by an earlier answer",
    "extract": "by quotes",
    "rule": "by a rule",
    "operator": "as the operator decided",
}
LEVELS = {"high": "High confidence", "medium": "Medium confidence", "low": "Low confidence"}
_LEFT_OUT = (
    ("turns_dropped", "earlier turn left out", "earlier turns left out"),
    ("turns_shortened", "earlier turn shortened", "earlier turns shortened"),
    ("passages_dropped", "passage left out", "passages left out"),
    (
        "passages_cut",
        "passage cut at the end of a sentence",
        "passages cut at the end of a sentence",
    ),
)
OWNERS = {
    "bot": ("smart_toy", "plain", "Assistant answers"),
    "waiting": ("schedule", "warning", "Waits for a person"),
    "agent": ("support_agent", "busy", "With an agent"),
    "closed": ("check_circle", "plain", "Closed"),
}
ESCALATION_LOOKS = {
    "open": ("schedule", "warning"),
    "taken": ("support_agent", "busy"),
    "resolved": ("check_circle", "good"),
    "withdrawn": ("undo", "plain"),
}


def came_to(disposition: str, source: str) -> str:
    """Return what happened to a question, and by whose words where that says more."""
    if (disposition, source) == ("refuse", "operator"):
        return "Not answered: the bot was paused"
    what = DISPOSITIONS.get(disposition, disposition)
    return what if source == "extract" else f"{what} {SOURCES.get(source, source)}"


def reasons_in_words(codes: Iterable[str]) -> list[str]:
    """Return the confidence's reasons as sentences; an unknown code stays as it is."""
    known = {reason.value: sentence for reason, sentence in REASON_SENTENCES.items()}
    return [known.get(str(code), str(code)) for code in codes]


def budget_in_words(budget: Mapping[str, Any]) -> str:
    """Return how a prompt's tokens were spent and what was left out; empty for none."""
    if not budget:
        return ""
    parts: tuple[str, ...] = ("instructions", "question", "history", "passages")
    names: tuple[str, ...] = ("instructions", "question", "earlier turns", "passages")
    if budget.get("summary"):
        parts, names = (*parts, "summary"), (*names, "summary of older turns")
    spent = sum(budget[part] for part in parts)
    said = ", ".join(f"{name} {budget[part]:,}" for part, name in zip(parts, names, strict=True))
    left_out = [
        f"{budget[key]} {one if budget[key] == 1 else many}"
        for key, one, many in _LEFT_OUT
        if budget[key]
    ]
    rest = ", ".join(left_out) if left_out else "nothing was left out"
    return f"{spent:,} of {budget['limit']:,} by {budget['counter']}: {said}; {rest}"


def paused_in_words(state: ServiceState) -> str:
    """Return since when, by whom and until when the bot is paused."""
    said = "The bot is paused"
    if state.paused_at:
        said += f" since {timezone.localtime(state.paused_at):%d %B %Y, %H:%M}"
    if state.paused_by:
        said += f" by {state.paused_by}"
    if state.paused_until:
        said += f", until {timezone.localtime(state.paused_until):%d %B %Y, %H:%M}"
    return f"{said}."

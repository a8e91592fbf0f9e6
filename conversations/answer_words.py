"""Words for operators and agents about how an answer came about."""

from __future__ import annotations

from collections.abc import Iterable

from conversations.answering.codes import REASON_SENTENCES

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
}
LEVELS = {"high": "High confidence", "medium": "Medium confidence", "low": "Low confidence"}
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
    what = DISPOSITIONS.get(disposition, disposition)
    return what if source == "extract" else f"{what} {SOURCES.get(source, source)}"


def reasons_in_words(codes: Iterable[str]) -> list[str]:
    """Return the confidence's reasons as sentences; an unknown code stays as it is."""
    known = {reason.value: sentence for reason, sentence in REASON_SENTENCES.items()}
    return [known.get(str(code), str(code)) for code in codes]

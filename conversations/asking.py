"""A question's history read from JSON, and a reply written as JSON: for `ask` and the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from conversations import texts
from conversations.answering import codes
from conversations.answering.values import Cited, Reply, Turn

_ROLES: dict[str, Literal["customer", "assistant", "agent"]] = {
    "user": "customer",
    "customer": "customer",
    "assistant": "assistant",
    "agent": "agent",
}


def sentence_of(code: str) -> str:
    """Return the English sentence of a reply's code; empty for none."""
    return texts.standard_reply(code) if code else ""


def turns_of(entries: Any, *, replies_stay_here: bool) -> tuple[Turn, ...]:
    """Read a history: strings are the customer's turns, else {role, text}. Raises ValueError.

    `replies_stay_here`: nobody knows what the replies rest on, so no model outside gets them.
    """
    if not isinstance(entries, list):
        raise ValueError("it must be a JSON array")
    turns = tuple(_turn(entry) for entry in entries)
    return tuple(
        replace(turn, local_only=replies_stay_here and turn.role != "customer") for turn in turns
    )


def _turn(entry: Any) -> Turn:
    if isinstance(entry, str):
        return Turn("customer", entry)
    if not isinstance(entry, dict) or not isinstance(entry.get("text"), str):
        raise ValueError("an entry is neither a string nor an object with role and text")
    if entry.get("role") not in _ROLES:
        raise ValueError(f"a role is one of user, assistant, agent, not {entry.get('role')!r}")
    return Turn(_ROLES[entry["role"]], entry["text"])


def reply_row(reply: Reply) -> dict[str, Any]:
    """Return a reply as the command and the API show it."""
    usage = reply.usage
    return {
        "text": reply.text or sentence_of(reply.code),
        "code": reply.code,
        "banner": reply.banner,
        "disposition": reply.disposition.value,
        "source": reply.source.value,
        "confidence": reply.confidence.value,
        "confidence_level": reply.confidence.level.value,
        "reasons": [str(reason) for reason in reply.confidence.reasons],
        "explanation": reply.explanation or codes.explain(reply.confidence.reasons),
        "query": reply.query,
        "alternatives": list(reply.alternatives),
        "related": [passage.title for passage in reply.related],
        "high_stakes": reply.high_stakes,
        "human_offered": reply.human_offered,
        "citations": [citation_row(cited) for cited in reply.citations],
        "findings": [finding.code for finding in reply.findings],
        "degraded": reply.degraded,
        "model": reply.model,
        "prompt_version": reply.prompt_version,
        "instructions_version": reply.instructions_version,
        "usage": {
            "input_tokens": usage.input_tokens if usage else 0,
            "output_tokens": usage.output_tokens if usage else 0,
        },
        "cost_usd": None if reply.cost_usd is None else float(reply.cost_usd),
        "budget": dict(reply.budget),
        "timings_ms": dict(reply.timings_ms),
        "error": reply.error,
    }


def citation_row(cited: Cited) -> dict[str, Any]:
    """Return a citation as the command and the API show it."""
    passage = cited.passage
    return {
        "marker": cited.marker,
        "document": passage.document,
        "title": passage.title,
        "heading": passage.heading,
        "url": passage.url,
        "quote": cited.quote,
    }

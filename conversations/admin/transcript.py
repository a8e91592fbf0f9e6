"""A conversation as agents and operators read it. Nobody edits it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from conversations.actions.answers import unsaved_answer, unsaved_citations
from conversations.answer_words import LEVELS, budget_in_words, came_to, reasons_in_words
from conversations.answering.values import Reply
from conversations.models import (
    Answer,
    Attachment,
    Citation,
    Conversation,
    Feedback,
    Message,
    MessageKind,
    MessageRole,
    MessageState,
)
from conversations.protocol import shown_name
from conversations.rendering import render_markdown
from observability.models import LlmCall

_SHOWN_STATES = {
    MessageState.PENDING: "waiting for the assistant",
    MessageState.CLAIMED: "being answered",
    MessageState.MERGED: "answered with a later message",
    MessageState.FOR_AGENT: "for a person",
    MessageState.STOPPED: "stopped by the customer",
}
_ROLES = {MessageRole.SYSTEM.value: "Notice"}


@dataclass(frozen=True, slots=True)
class Record:
    """How one final reply came about."""

    answer: Answer
    came_to: str
    confidence: str
    reasons: list[str]
    citations: list[Citation]
    passages: list[dict[str, Any]]
    feedback: list[Feedback]
    calls: list[LlmCall]
    findings: list[str]
    budget: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One message. `html` is sanitised; None where the text is shown as it was written."""

    message: Message
    who: str
    html: SafeString | None
    state: str
    record: Record | None
    files: list[Attachment]


def entries_of(conversation: Conversation, *, with_calls: bool) -> list[Entry]:
    """Return the whole conversation in its order; the ledger's rows when asked for."""
    messages = conversation.messages.select_related("author", "answer__rule").prefetch_related(
        "answer__citations__document", "answer__feedback", "attachments"
    )
    calls = LlmCall.objects.filter(conversation_id=conversation.pk) if with_calls else ()
    return [_entry(message, calls) for message in messages.order_by("seq")]


def version_of(conversation: Conversation) -> str:
    """Return a stamp that changes with anything the transcript shows."""
    rows = conversation.messages.order_by("seq").values_list(
        "seq", "state", "answer", "edited_at", "withdrawn_at"
    )
    ratings = Feedback.objects.filter(answer__message__conversation=conversation)
    shown = [
        conversation.owner,
        conversation.agent_id,
        list(rows),
        list(ratings.values_list("pk", "updated_at")),
        list(conversation.escalations.values_list("pk", "state")),
    ]
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def record_of(answer: Answer, calls: Iterable[LlmCall]) -> Record:
    """Return an answer's record in words."""
    citations, feedback = list(answer.citations.all()), list(answer.feedback.all())
    return _record(answer, citations, feedback, _calls_for(answer, calls))


def record_of_reply(question: str, reply: Reply) -> Record:
    """Return the record of a reply that belongs to no conversation."""
    return _record(unsaved_answer(question, reply), unsaved_citations(reply), [], [])


def _record(
    answer: Answer, citations: list[Citation], feedback: list[Feedback], calls: list[LlmCall]
) -> Record:
    cited = {str(citation.chunk) for citation in citations}
    return Record(
        answer=answer,
        came_to=came_to(answer.disposition, answer.source),
        confidence=LEVELS.get(answer.confidence_level, answer.confidence_level),
        reasons=reasons_in_words(answer.reasons),
        citations=citations,
        passages=[{**row, "cited": row.get("chunk") in cited} for row in answer.passages],
        feedback=feedback,
        calls=calls,
        findings=[_finding(row) for row in answer.findings],
        budget=budget_in_words(answer.budget),
    )


def reply_html(message: Message) -> SafeString:
    """Return a reply as safe HTML, its citation markers as plain numbers."""
    # render_markdown sanitises: no scripts, images, attributes or foreign schemes get through.
    return mark_safe(render_markdown(message.text))  # noqa: S308


def _entry(message: Message, calls: Iterable[LlmCall]) -> Entry:
    written = message.role in (MessageRole.CUSTOMER, MessageRole.SYSTEM)
    answer = getattr(message, "answer", None) if message.kind == MessageKind.FINAL else None
    state = _SHOWN_STATES.get(MessageState(message.state), "")
    return Entry(
        message=message,
        who=shown_name(message) or _ROLES.get(message.role, str(message.get_role_display())),
        html=None if written else reply_html(message),
        state=state if message.kind == MessageKind.QUESTION else _revised(message),
        record=record_of(answer, calls) if answer else None,
        files=list(message.attachments.all()) if message.attachment_count else [],
    )


def _revised(message: Message) -> str:
    if message.withdrawn_at:
        return "withdrawn"
    return "edited" if message.edited_at else ""


def _calls_for(answer: Answer, calls: Iterable[LlmCall]) -> list[LlmCall]:
    ids = {answer.message_id, answer.message.reply_to_id}
    return [call for call in calls if call.message_id in ids]


def _finding(row: Any) -> str:
    if not isinstance(row, dict):
        return str(row)
    detail = f" ({row['detail']})" if row.get("detail") else ""
    return f"{row.get('severity', 'info')}: {row.get('code', '')}{detail}"

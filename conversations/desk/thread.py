"""One conversation as the desk shows it: messages, notes, customer, and what may be done."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.utils import timezone

from conversations.actions.escalations import name_of
from conversations.actions.suspicion import quotes_only
from conversations.answer_words import came_to
from conversations.desk import queues
from conversations.desk.acts import ACTS
from conversations.desk.customers import identity_of, visitors_of
from conversations.models import (
    AnswerFlag,
    Block,
    ChatRating,
    Contact,
    Conversation,
    DeskAct,
    Escalation,
    EscalationReason,
    Message,
    Note,
    PageContext,
    ProblemReport,
)
from conversations.protocol import message_frame, with_files
from conversations.sites.languages import LANGUAGES

MOST_MESSAGES = 500
MOST_ACTS = 50
EARLIER_REQUESTS = 10
MOST_REPORTS = 5


def thread_of(conversation_id: uuid.UUID, agent: User) -> dict[str, Any] | None:
    """Return all that the desk shows of a conversation, or None when there is none."""
    row = queues.annotated_row(conversation_id)
    if row is None:
        return None
    conversation = Conversation.objects.select_related("visitor", "agent", "collection").get(
        pk=conversation_id
    )
    newest = with_files(_messages(conversation)[:MOST_MESSAGES])
    requests = list(conversation.escalations.select_related("agent")[:EARLIER_REQUESTS])
    return {
        "conversation": row,
        "started_at": conversation.created_at.isoformat(),
        "last_seq": conversation.last_seq,
        "messages": [message_row(message) for message in reversed(newest)],
        "left_out": max(0, conversation.last_seq - len(newest)),
        "notes": [note_row(note) for note in conversation.notes.select_related("author")],
        "requests": [_request(request) for request in requests],
        "customer": _customer(conversation),
        "acts": [_act(act) for act in conversation.acts.select_related("agent")[:MOST_ACTS]],
        "may": sorted(name for name, act in ACTS.items() if agent.has_perm(act.permission)),
        "now": timezone.now().isoformat(),
    }


def message_row(message: Message) -> dict[str, Any]:
    """Return a message: the customer's frame, and what only agents see."""
    answer = getattr(message, "answer", None)
    flag: AnswerFlag | None = getattr(answer, "flag", None)
    return {
        **message_frame(message),
        # Notices as they are kept, in English; the customer reads them in another language.
        "text": message.text,
        "author_id": message.author_id,
        "came_to": came_to(answer.disposition, answer.source) if answer else "",
        "flagged": flag is not None,
        "faq": flag is not None and flag.entry_id is not None,
    }


def note_row(note: Note) -> dict[str, Any]:
    """Return a private note. It has no frame: customers' sockets know no such thing."""
    return {
        "id": note.pk,
        "text": note.text,
        "author": name_of(note.author) if isinstance(note.author, User) else "",
        "after_seq": note.after_seq,
        "created_at": note.created_at.isoformat(),
    }


def _messages(conversation: Conversation) -> Any:
    return (
        conversation.messages.select_related("author", "answer__flag", "conversation")
        .prefetch_related("answer__citations", "answer__feedback")
        .order_by("-seq")
    )


def _request(request: Escalation) -> dict[str, Any]:
    return {
        "reason": EscalationReason(request.reason).label,
        "state": request.state,
        "state_words": request.get_state_display(),
        "summary": request.summary,
        "resolution": request.resolution,
        "agent": name_of(request.agent) if isinstance(request.agent, User) else "",
        "created_at": request.created_at.isoformat(),
        "taken_at": request.taken_at.isoformat() if request.taken_at else None,
    }


def _customer(conversation: Conversation) -> dict[str, Any]:
    visitor = conversation.visitor
    block = Block.objects.filter(visitor=visitor).first()
    contact = Contact.objects.filter(conversation=conversation).first()
    return {
        "name": str(visitor),
        "first_seen": visitor.created_at.isoformat(),
        "readers": [str(audience) for audience in visitor.audiences.all()],
        "language": LANGUAGES.get(conversation.words_language, ""),
        "collection": str(conversation.collection or ""),
        "quotes_only": quotes_only(visitor),
        "blocked": block.get_reason_display() if block else "",
        "email": contact.email if contact else "",
        "seen_at": contact.seen_at.isoformat() if contact and contact.seen_at else None,
        "page": _page(conversation),
        "rating": _rating(conversation),
        "reports": [_report(report) for report in conversation.reports.all()[:MOST_REPORTS]],
        "others": queues.of_visitors(visitors_of(conversation), conversation.pk),
        **identity_of(conversation),
    }


def _page(conversation: Conversation) -> dict[str, Any] | None:
    """Return what the page said, none of it verified; its address only as it can be followed."""
    found = PageContext.objects.filter(conversation=conversation).first()
    if found is None:
        return None
    url = found.page_url
    return {
        "url": url,
        "safe": urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname),
        "title": found.page_title,
        "values": [[str(name), str(value)] for name, value in found.values.items()],
        "name": found.said_name,
        "email": found.said_email,
        "at": found.updated_at.isoformat(),
    }


def _rating(conversation: Conversation) -> dict[str, Any] | None:
    found = ChatRating.objects.filter(conversation=conversation).first()
    if found is None:
        return None
    return {"solved": found.solved, "stars": found.stars, "comment": found.comment}


def _report(report: ProblemReport) -> dict[str, str]:
    kind = str(report.get_kind_display())
    return {"kind": kind, "text": report.text, "at": report.created_at.isoformat()}


def _act(act: DeskAct) -> dict[str, Any]:
    return {
        "who": name_of(act.agent) if isinstance(act.agent, User) else "somebody",
        "what": act.get_verb_display(),
        "detail": act.detail,
        "before": act.before,
        "at": act.created_at.isoformat(),
    }

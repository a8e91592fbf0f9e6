"""Reads from the rows what the pipeline needs to answer a question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Sum, UUIDField

from conversations.actions.suspicion import quotes_only
from conversations.answering.token_budget import HISTORY_TURNS
from conversations.answering.values import Question, Turn
from conversations.models import (
    Answer,
    Conversation,
    ConversationSummary,
    Message,
    MessageKind,
    MessageRole,
    Visitor,
)
from knowledge.compiled_query import CompiledQuery
from knowledge.models import PUBLIC_AUDIENCE, Collection, Document
from knowledge.retrieval.values import Reader

HISTORY_MESSAGES = 12
# Said in place of a message that was nothing but files.
FILE_ONLY = "(a file)"
_audiences: CompiledQuery[str] = CompiledQuery(
    lambda visitor: Visitor.audiences.through.objects.filter(visitor=visitor).values_list(
        "audience_id", flat=True
    ),
    visitor=UUIDField(),
)
TURN_KINDS = (MessageKind.QUESTION, MessageKind.FINAL, MessageKind.REPLY)


def question_of(message: Message, text: str) -> Question:
    """Return the question with its history and on whose behalf documents may be read."""
    conversation = message.conversation
    return Question(
        text=text,
        reader=reader_of(conversation),
        history=_history(message),
        language=conversation.language,
        quotes_only=quotes_only(conversation.visitor),
        summary=_summary(message),
        attachments=_attachments(message),
        shown_in=conversation.words_language,
    )


def _attachments(message: Message) -> int:
    """Return how many files came with a turn: with the question and those merged into it."""
    if message.seq == 1:
        return message.attachment_count
    merged = message.merged.aggregate(files=Sum("attachment_count"))["files"] or 0
    return message.attachment_count + int(merged)


def reader_of(conversation: Conversation) -> Reader:
    """Return what may be read for this chat: the visitor's rights, within those of the site.

    A site only takes away. One that is switched off reads nothing any more.
    """
    audiences = frozenset(_audiences.rows(visitor=conversation.visitor_id))
    audiences = audiences or frozenset({PUBLIC_AUDIENCE})
    collection = conversation.collection.slug if conversation.collection else None
    site = conversation.site
    if site is None:
        return Reader(audiences, collection)
    allowed = audiences & site.readers() if site.enabled else frozenset()
    return Reader(allowed, collection, within=site.within())


@dataclass(frozen=True, slots=True)
class OldTurn:
    """A turn with its place, and the documents it rests on; "" for what must stay here anyway."""

    seq: int
    turn: Turn
    rests_on: frozenset[str]


def old_turns(conversation: Conversation, after_seq: int, newest: int) -> list[OldTurn]:
    """Return the turns after a place in their order, without the `newest` ones."""
    said = conversation.messages.filter(kind__in=TURN_KINDS, seq__gt=after_seq)
    rows = list(said.order_by("seq"))[:-newest]
    used = _documents_used(rows)
    may_leave = _that_may_leave({pk for documents in used.values() for pk in documents})
    nothing: frozenset[str] = frozenset()
    return [
        OldTurn(
            row.seq, _turn(row, used.get(row.pk, nothing) <= may_leave), used.get(row.pk, nothing)
        )
        for row in rows
    ]


def stays_here(documents: frozenset[str]) -> bool:
    """Say whether what rests on these documents must not go to outside models, as things stand."""
    return not documents <= _that_may_leave(set(documents))


def _summary(message: Message) -> Turn | None:
    """Return what was said in turns too old for a prompt, if there are any."""
    if message.seq <= HISTORY_TURNS:
        return None
    rows = ConversationSummary.objects.filter(conversation=message.conversation_id)
    found = rows.filter(until_seq__lt=message.seq).first()
    if found is None:
        return None
    return Turn("assistant", found.text, local_only=stays_here(frozenset(found.rests_on)))


def unknown_replies_stay_here() -> bool:
    """Say whether a reply of which nobody knows what it rests on must not go to outside models."""
    return Collection.objects.filter(local_models_only=True).exists()


def _history(message: Message) -> tuple[Turn, ...]:
    if message.seq == 1:
        return ()
    earlier = (
        Message.objects.filter(conversation=message.conversation_id, seq__lt=message.seq)
        .filter(kind__in=TURN_KINDS)
        .exclude(merged_into=message)
        .exclude(withdrawn_at__isnull=False)
        .order_by("-seq")[:HISTORY_MESSAGES]
    )
    rows = list(reversed(earlier))
    rests_on = _documents_used(rows)
    may_leave = _that_may_leave({pk for used in rests_on.values() for pk in used})
    return tuple(_turn(row, rests_on.get(row.pk, frozenset()) <= may_leave) for row in rows)


def _documents_used(rows: Sequence[Message]) -> Mapping[UUID, frozenset[str]]:
    """Return the documents that each reply rests on; what must stay here anyway is named ""."""
    replies = [row.pk for row in rows if row.kind == MessageKind.FINAL]
    answers = Answer.objects.filter(message__in=replies).values_list("message", "passages")
    return {
        message: frozenset(
            "" if passage.get("local_only") else str(passage["document"])
            for passage in passages
            # Older records do not say which passages were used: any may have been.
            if passage.get("used", True)
        )
        for message, passages in answers
    }


def _that_may_leave(documents: set[str]) -> frozenset[str]:
    """Return those that any model may get, as things stand."""
    named = frozenset(documents - {""})
    if not named or not unknown_replies_stay_here():
        return named
    # One that is deleted is not among them: nobody knows what it was marked as in the end.
    rows = Document.objects.filter(pk__in=named, collection__local_models_only=False)
    return frozenset(str(pk) for pk in rows.values_list("pk", flat=True))


def _turn(row: Message, may_leave: bool) -> Turn:
    match row.role:
        case MessageRole.CUSTOMER:
            return Turn("customer", row.text or FILE_ONLY)
        case MessageRole.AGENT:
            return Turn("agent", row.text or FILE_ONLY)
        case _:
            return Turn("assistant", row.text, local_only=not may_leave)

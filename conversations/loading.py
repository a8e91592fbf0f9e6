"""Reads from the rows what the pipeline needs to answer a question."""

from __future__ import annotations

from conversations.answering.values import Question, Turn
from conversations.models import Message, MessageKind, MessageRole
from knowledge.models import PUBLIC_AUDIENCE
from knowledge.retrieval.values import Reader

HISTORY_MESSAGES = 12
TURN_KINDS = (MessageKind.QUESTION, MessageKind.FINAL, MessageKind.REPLY)


def question_of(message: Message, text: str) -> Question:
    """Return the question with its history and on whose behalf documents may be read."""
    conversation = message.conversation
    audiences = frozenset(conversation.visitor.audiences.values_list("slug", flat=True))
    collection = conversation.collection.slug if conversation.collection else None
    return Question(
        text=text,
        reader=Reader(audiences or frozenset({PUBLIC_AUDIENCE}), collection),
        history=_history(message),
        language=conversation.language,
    )


def _history(message: Message) -> tuple[Turn, ...]:
    earlier = (
        Message.objects.filter(conversation=message.conversation_id, seq__lt=message.seq)
        .filter(kind__in=TURN_KINDS)
        .exclude(merged_into=message)
        .order_by("-seq")[:HISTORY_MESSAGES]
    )
    return tuple(_turn(row) for row in reversed(earlier))


def _turn(row: Message) -> Turn:
    match row.role:
        case MessageRole.CUSTOMER:
            return Turn("customer", row.text)
        case MessageRole.AGENT:
            return Turn("agent", row.text)
        case _:
            return Turn("assistant", row.text)

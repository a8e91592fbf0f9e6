"""What changes in a chat without a new message, for browsers that ask instead of listening."""

from __future__ import annotations

import hashlib

from django.db.models import Max

from conversations.models import Conversation, Message, MessageKind, ServiceState
from conversations.queue_place import place_of
from conversations.typing_signs import agent_typed_at

RECENT_QUESTIONS = 10
STAMP_CHARACTERS = 16


def states_of(conversation: Conversation) -> dict[str, str]:
    """Return the states of the newest questions, which change without a new message."""
    questions = Message.objects.filter(conversation=conversation.pk, kind=MessageKind.QUESTION)
    newest = questions.order_by("-seq").values_list("pk", "state")[:RECENT_QUESTIONS]
    return {str(pk): state for pk, state in newest}


def stamp_of(conversation: Conversation) -> str:
    """Return a text that is another one as soon as any of it has changed."""
    state = ServiceState.current()
    revised = Message.objects.filter(conversation=conversation.pk).aggregate(
        Max("edited_at"), Max("withdrawn_at")
    )
    facts = (
        conversation.owner,
        conversation.agent_id,
        states_of(conversation),
        (state.banner_shown(), state.banner_at),
        revised,
        agent_typed_at(conversation.pk),
        place_of(conversation),
    )
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:STAMP_CHARACTERS]

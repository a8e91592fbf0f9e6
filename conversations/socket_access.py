"""Which chat a token opens on the socket: looked up at the hello and again for each frame."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

from django.db.models import UUIDField

from conversations.models import Conversation
from conversations.tokens import Held, held_by
from knowledge.compiled_query import CompiledQuery

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


_of_visitor = CompiledQuery(
    lambda visitor, wanted: Conversation.objects.filter(visitor=visitor, pk=wanted).select_related(
        "visitor"
    ),
    visitor=UUIDField(),
    wanted=UUIDField(),
)


class TokenEnded(Exception):
    """The token opens this chat no longer."""


class Opened(NamedTuple):
    """A chat that a token opens, and for how many seconds more; None: its end is not kept.

    Without a chat `error` says why. Of a token and a chat that do not go together it is never told
    which of both is wrong.
    """

    conversation: Conversation | None
    seconds_left: float | None = None
    error: str = ""


def let_in(token: str, conversation_id: str) -> Opened:
    """Return what a token opens now."""
    held = held_by(token)
    if held is not None and held.expired:
        return Opened(None, error="token_expired")
    found = _conversation_of(held, conversation_id)
    if held is None or found is None:
        return Opened(None, error="unauthorized")
    return Opened(found, held.seconds_left())


def with_token(
    token: str,
    conversation_id: uuid.UUID,
    act: Callable[Concatenate[Conversation, P], T],
    *values: P.args,
    **more: P.kwargs,
) -> T:
    """Do something with a chat, if the token opens it at this moment. Raises TokenEnded."""
    found = let_in(token, str(conversation_id)).conversation
    if found is None:
        raise TokenEnded
    return act(found, *values, **more)


def by_id(
    act: Callable[Concatenate[uuid.UUID, P], T],
) -> Callable[Concatenate[Conversation, P], T]:
    """Return an act on a conversation's id as one on the conversation."""

    def acted(conversation: Conversation, /, *values: P.args, **more: P.kwargs) -> T:
        return act(conversation.pk, *values, **more)

    return acted


def only_look(conversation: Conversation) -> None:
    """Do nothing: for looking whether a token still opens a chat."""


def _conversation_of(held: Held | None, conversation_id: str) -> Conversation | None:
    try:
        wanted = uuid.UUID(conversation_id)
    except ValueError:
        return None
    if held is None:
        return None
    visitor = held.visitor
    found = None
    if visitor.may_open(wanted):
        found = _of_visitor.first(visitor=visitor.pk, wanted=wanted)
    if found is None:
        logger.warning("chat.refused", extra={"conversation": str(wanted)})
    return found

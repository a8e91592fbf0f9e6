"""What sockets do in the database: in threads, and messages to the bot after answers under way."""

from __future__ import annotations

import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from channels.db import database_sync_to_async
from django.db.models import UUIDField

from conversations.intake import Accepted, submit
from conversations.models import Conversation
from conversations.ownership import Owner
from conversations.preparing import let_answers_go_first
from conversations.socket_access import with_token
from knowledge.compiled_query import CompiledQuery

P = ParamSpec("P")
T = TypeVar("T")
# Two at a time, in threads of their own: nobody else waits with what waits for an answer's turn.
_waiting = ThreadPoolExecutor(2, thread_name_prefix="storing")
_owner = CompiledQuery(
    lambda pk: Conversation.objects.filter(pk=pk).values_list("owner", flat=True), pk=UUIDField()
)


def in_database(
    call: Callable[P, T], threads: ThreadPoolExecutor | None = None
) -> Callable[P, Awaitable[T]]:
    """Run a database call in a thread of its own, not in the one all sockets would share."""
    wrapped: Any = database_sync_to_async(call, thread_sensitive=False, executor=threads)
    return wrapped  # type: ignore[no-any-return]


async def stored(
    token: str, conversation: uuid.UUID, text: str, client_id: uuid.UUID, files: Sequence[uuid.UUID]
) -> Accepted:
    """Store a message, if the token opens the conversation at this moment.

    One to the bot waits a moment for answers that are being prepared; one to a person does not.
    Raises TokenEnded, MessageRefused.
    """
    came_at = time.monotonic()

    def store() -> Accepted:
        let_answers_go_first(came_at)
        return at_once()

    def at_once() -> Accepted:
        return with_token(token, conversation, submit, text, client_id, files)

    if await in_database(_is_for_person)(conversation):
        return await in_database(at_once)()
    return await in_database(store, _waiting)()


def _is_for_person(conversation: uuid.UUID) -> bool:
    return _owner.first(pk=conversation) in (Owner.WAITING, Owner.AGENT)

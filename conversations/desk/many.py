"""One act done to one conversation or to each of many."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from conversations.actions import desk
from conversations.desk.fields import Fields
from conversations.models import Conversation
from conversations.ownership import TransitionRefused

CHANGED_HANDS = "That does not apply any more: the conversation has changed hands meanwhile."


def each(fields: Fields, act: Callable[[uuid.UUID], Any]) -> dict[str, Any]:
    """Do it to the one conversation named, or to each of many; those that refuse are told."""
    if "conversations" not in fields.values:
        act(fields.uuid("conversation"))
        return {"done": 1, "refused": []}
    refused = []
    chosen = fields.chosen("conversations")
    for pk in chosen:
        try:
            act(pk)
        except desk.HeldByOther as held:
            refused.append({"id": str(pk), "text": f"{held.name} has it."})
        except (desk.NotPossible, TransitionRefused, Conversation.DoesNotExist) as problem:
            said = str(problem) if isinstance(problem, desk.NotPossible) else CHANGED_HANDS
            refused.append({"id": str(pk), "text": said})
    return {"done": len(chosen) - len(refused), "refused": refused}

"""Who may speak in a conversation: one state machine, pure.

The bot speaks only in BOT. WAITING means that a person has been asked and nobody has taken the
chat yet; AGENT that a person has it; CLOSED that it is over until the customer writes again.
"""

from __future__ import annotations

from enum import StrEnum


class Owner(StrEnum):
    """Whose turn it is to answer the customer."""

    BOT = "bot"
    WAITING = "waiting"
    AGENT = "agent"
    CLOSED = "closed"


class OwnershipEvent(StrEnum):
    """What can happen to the ownership of a conversation."""

    ESCALATE = "escalate"
    TAKE = "take"
    HAND_BACK = "hand_back"
    WITHDRAW = "withdraw"
    CLOSE = "close"
    REOPEN = "reopen"


class TransitionRefused(Exception):
    """The event does not apply in this state."""

    def __init__(self, owner: Owner, event: OwnershipEvent) -> None:
        super().__init__(f"{event} does not apply while the owner is {owner}")
        self.owner = owner
        self.event = event


TRANSITIONS: dict[tuple[Owner, OwnershipEvent], Owner] = {
    (Owner.BOT, OwnershipEvent.ESCALATE): Owner.WAITING,
    (Owner.BOT, OwnershipEvent.TAKE): Owner.AGENT,
    (Owner.BOT, OwnershipEvent.CLOSE): Owner.CLOSED,
    (Owner.WAITING, OwnershipEvent.ESCALATE): Owner.WAITING,
    (Owner.WAITING, OwnershipEvent.TAKE): Owner.AGENT,
    (Owner.WAITING, OwnershipEvent.WITHDRAW): Owner.BOT,
    (Owner.WAITING, OwnershipEvent.HAND_BACK): Owner.BOT,
    (Owner.WAITING, OwnershipEvent.CLOSE): Owner.CLOSED,
    (Owner.AGENT, OwnershipEvent.ESCALATE): Owner.AGENT,
    (Owner.AGENT, OwnershipEvent.TAKE): Owner.AGENT,
    (Owner.AGENT, OwnershipEvent.HAND_BACK): Owner.BOT,
    (Owner.AGENT, OwnershipEvent.CLOSE): Owner.CLOSED,
    (Owner.CLOSED, OwnershipEvent.REOPEN): Owner.BOT,
    (Owner.CLOSED, OwnershipEvent.TAKE): Owner.AGENT,
    (Owner.CLOSED, OwnershipEvent.ESCALATE): Owner.WAITING,
    (Owner.CLOSED, OwnershipEvent.CLOSE): Owner.CLOSED,
}


def next_owner(owner: Owner, event: OwnershipEvent) -> Owner:
    """Return the owner after `event`. Raises TransitionRefused."""
    try:
        return TRANSITIONS[owner, event]
    except KeyError:
        raise TransitionRefused(owner, event) from None


def bot_may_speak(owner: Owner) -> bool:
    """Say whether a reply of the bot may be committed now."""
    return owner is Owner.BOT

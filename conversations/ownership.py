"""Who may speak in a conversation: one state machine, pure.

The bot speaks only in BOT. WAITING means that a person has been asked and nobody has taken the
chat yet; AGENT that a person has it; CLOSED that it is over until the customer writes again.

What always holds after a commit (`broken_invariants` names what does not):

- a reply of the bot is stored only while the bot is the owner;
- a question is open, that is the bot's to answer, only while the bot is the owner;
- a chat that waits has exactly one open request for a person, and an open request's chat waits;
- a request that somebody has taken belongs to a chat that an agent has;
- a chat has at most one running request, and none while the bot has it or it is closed;
- an agent is named only while an agent has the chat.

A customer who writes into a closed chat reopens it for the bot; only when a person is asked for
or an agent takes it, it goes to them. The bot asks for a person for one reason once: again only
for a question that came after the last such request had ended (`may_ask_again`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    RELEASE = "release"
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
    (Owner.AGENT, OwnershipEvent.RELEASE): Owner.WAITING,
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


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rows say of one conversation. `replies_out_of_turn`: stored while not the bot's."""

    owner: Owner
    agent_named: bool
    open_requests: int
    taken_requests: int
    open_questions: int
    replies_out_of_turn: int = 0


def broken_invariants(standing: Standing) -> list[str]:
    """Return what does not hold, as sentences; nothing when all is well."""
    owner, running = standing.owner, standing.open_requests + standing.taken_requests
    bots = bot_may_speak(owner)
    holds = {
        "the bot replied out of turn": standing.replies_out_of_turn == 0,
        "a question waits for the bot, which does not own the chat": (
            bots or not standing.open_questions
        ),
        "the chat waits without one open request, or the other way round": (
            standing.open_requests == int(owner is Owner.WAITING)
        ),
        "a taken request is in a chat that no agent has": (
            owner is Owner.AGENT or not standing.taken_requests
        ),
        "more than one request runs": running <= 1,
        "an agent is named in a chat that no agent has": (
            owner is Owner.AGENT or not standing.agent_named
        ),
    }
    return [sentence for sentence, held in holds.items() if not held]


@dataclass(frozen=True, slots=True)
class EndedRequest:
    """A request for a person that is over; `seq` is the last message there was at its end."""

    reason: str
    seq: int


def may_ask_again(reason: str, question_seq: int, ended: Iterable[EndedRequest]) -> bool:
    """Say whether the bot may ask for a person for this reason: the question must be a new one."""
    return all(past.reason != reason or past.seq < question_seq for past in ended)

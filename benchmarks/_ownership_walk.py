"""Random steps of customers, workers, agents and the sweeper on the real actions and database."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone

from conversations.actions import conversations as starting
from conversations.actions import desk, escalations, messages
from conversations.actions.handoffs import TooManyRings
from conversations.answering.values import (
    Confidence,
    ConfidenceLevel,
    Disposition,
    Reply,
    Source,
)
from conversations.handoff import Outcome
from conversations.intake import submit
from conversations.models import (
    Conversation,
    Escalation,
    EscalationReason,
    EscalationState,
    Message,
    MessageKind,
    MessageState,
    Presence,
    Team,
)
from conversations.ownership import (
    TRANSITIONS,
    EndedRequest,
    Owner,
    Standing,
    TransitionRefused,
    bot_may_speak,
    broken_invariants,
    may_ask_again,
)

CONVERSATIONS = 6
AGENTS = 3
BY_PEOPLE = (EscalationReason.REQUESTED, EscalationReason.PASSED_ON)
BOT_REASONS = tuple(reason for reason in EscalationReason if reason not in BY_PEOPLE)
TAKEN, OPEN = Q(state=EscalationState.TAKEN), Q(state=EscalationState.OPEN)
SEEN_BY_AGENT = Q(outcome=Outcome.ACKNOWLEDGED)
ODD_OUTCOME = (TAKEN & ~SEEN_BY_AGENT) | (OPEN & SEEN_BY_AGENT)
# A chat is left for a new one after about this many steps.
STEPS_OF_A_CHAT = 60


@dataclass
class Walk:
    """A state of the world that is changed at random; `broken` are the sentences found false."""

    seed: int
    steps: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    replies: int = 0
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - no secret
        self.team = Team.objects.create(
            name=f"Team {uuid.uuid4()}", reasons=list(BOT_REASONS[:1]), gives_out=True
        )
        self.chats = [self._new_chat() for _ in range(CONVERSATIONS)]
        self.agents = [self._new_agent() for _ in range(AGENTS)]
        # What workers hold and have not recorded yet; some of it is stale.
        self.held: list[tuple[uuid.UUID, uuid.UUID, int]] = []

    def run(self, number: int) -> None:
        """Take so many steps and look at the rows after each."""
        names = list(STEPS)
        weights = [weight for _, weight in STEPS.values()]
        for _ in range(number):
            name = self.chance.choices(names, weights)[0]
            self.steps[name] += 1
            self._one(name)

    def _one(self, name: str) -> None:
        chat = self.chance.choice(self.chats)
        before = _seen(chat)
        try:
            STEPS[name][0](self, chat)
        except (TransitionRefused, TooManyRings):
            self.refused += 1
        after = _seen(chat)
        found = broken_invariants(_standing(before, after))
        found += _changes_not_allowed(before, after)
        self.replies += len(after.finals - before.finals)
        self.broken += [f"after {name} (seed {self.seed}): {sentence}" for sentence in found]
        if self.chance.random() < 1 / (STEPS_OF_A_CHAT * CONVERSATIONS):
            self.chats[self.chats.index(chat)] = self._new_chat()

    # --- steps ---------------------------------------------------------------------------------

    def customer_writes(self, chat: uuid.UUID) -> None:
        """Send a message."""
        submit(Conversation.objects.get(pk=chat), "Where is my parcel?", uuid.uuid4())

    def worker_claims(self, chat: uuid.UUID) -> None:
        """Take a question, as a ring for any of them does."""
        question = self._question(chat, state__in=(MessageState.PENDING, MessageState.CLAIMED))
        claimed = messages.claim(question.pk) if question else None
        if claimed is not None:
            self.held.append((chat, claimed.pk, claimed.attempt))
            if self.chance.random() < 0.5:
                Message.objects.filter(pk=claimed.pk).update(shown_at=timezone.now())

    def worker_records(self, chat: uuid.UUID) -> None:
        """Store the reply to something that a worker holds, however long ago it took it."""
        mine = [held for held in self.held if held[0] == chat]
        if mine:
            held = self.chance.choice(mine)
            if self.chance.random() < 0.8:
                self.held.remove(held)
            messages.record_reply(held[1], held[2], self._reply())

    def lease_runs_out(self, chat: uuid.UUID) -> None:
        """A worker is taken for dead."""
        past = timezone.now() - timedelta(seconds=1)
        Message.objects.filter(conversation=chat, state=MessageState.CLAIMED).update(
            lease_until=past
        )

    def deadline_passes(self, chat: uuid.UUID) -> None:
        """The sweeper takes a question away from whoever has it, and hands it over."""
        question = self._question(chat, state__in=(MessageState.PENDING, MessageState.CLAIMED))
        attempt = messages.seize(question.pk) if question else None
        if question is not None and attempt is not None:
            reply = self._reply(Disposition.ESCALATE, EscalationReason.FAILURE)
            messages.record_reply(question.pk, attempt, reply)

    def worker_stops(self, chat: uuid.UUID) -> None:
        """A process that ends gives back what it holds."""
        for held in [held for held in self.held if held[0] == chat]:
            messages.release(held[1], held[2])

    def customer_stops(self, chat: uuid.UUID) -> None:
        """Stop an answer."""
        if question := self._question(chat):
            messages.stop(chat, question.pk)

    def customer_retries(self, chat: uuid.UUID) -> None:
        """Ask a stopped question again."""
        if question := self._question(chat, state=MessageState.STOPPED):
            messages.retry(chat, question.pk)

    def customer_rings(self, chat: uuid.UUID) -> None:
        """Ask for a person."""
        escalations.request_person(chat)

    def customer_withdraws(self, chat: uuid.UUID) -> None:
        """Go on with the assistant."""
        escalations.withdraw(chat)

    def agent_takes(self, chat: uuid.UUID) -> None:
        """Take the chat over, perhaps from a colleague."""
        escalations.take(chat, self._agent())

    def agent_replies(self, chat: uuid.UUID) -> None:
        """Reply, which takes the chat."""
        escalations.agent_reply(chat, self._agent(), "Hello.", uuid.uuid4())

    def agent_hands_back(self, chat: uuid.UUID) -> None:
        """Let the bot answer again."""
        escalations.hand_back(chat, self._agent())

    def agent_closes(self, chat: uuid.UUID) -> None:
        """End the chat."""
        escalations.close(chat, self._agent())

    def sweeper_frees(self, chat: uuid.UUID) -> None:
        """The sweeper takes the chat from an agent who has left."""
        escalations.give_up(chat)

    def agent_passes_on(self, chat: uuid.UUID) -> None:
        """The agent who has the chat is away, and it waits for others."""
        escalations.release(chat)

    def agent_gives_to_team(self, chat: uuid.UUID) -> None:
        """Have the chat wait for a team that gives out, or for everybody."""
        team = self.chance.choice((self.team, None))
        with suppress(desk.HeldByOther, desk.NotPossible):
            desk.give_to_team(chat, self._agent(), team)

    def agent_comes_or_goes(self, chat: uuid.UUID) -> None:
        """Somebody switches to away, or back."""
        Presence.set_away(self._agent().pk, self.chance.random() < 0.5)

    def account_goes(self, chat: uuid.UUID) -> None:
        """An agent's account is deleted while they may have chats."""
        self._agent().delete()
        self.agents = [agent for agent in self.agents if agent.pk] + [self._new_agent()]

    # --- people and replies --------------------------------------------------------------------

    def _reply(
        self, disposition: Disposition | None = None, reason: EscalationReason | None = None
    ) -> Reply:
        choices = [Disposition.ANSWER] * 12 + list(Disposition)
        disposition = disposition or self.chance.choice(choices)
        escalates = disposition is Disposition.ESCALATE
        return Reply(
            text="Here you are.",
            disposition=disposition,
            source=Source.RULE,
            confidence=Confidence(0.9, ConfidenceLevel.HIGH),
            escalation_reason=(reason or self.chance.choice(BOT_REASONS)) if escalates else "",
        )

    def _question(self, chat: uuid.UUID, **states: Any) -> Message | None:
        rows = Message.objects.filter(conversation=chat, kind=MessageKind.QUESTION, **states)
        found = list(rows.order_by("-seq")[:4])
        return self.chance.choice(found) if found else None

    def _agent(self) -> User:
        return self.chance.choice(self.agents)

    def _new_chat(self) -> uuid.UUID:
        return starting.start(None, "192.0.2.7")[0].pk

    def _new_agent(self) -> User:
        made = User.objects.create_user(f"agent-{uuid.uuid4().hex[:12]}", first_name="Ada")
        self.team.members.add(made)
        return made


# Each step with its weight.
STEPS: dict[str, tuple[Callable[[Walk, uuid.UUID], None], int]] = {
    "customer_writes": (Walk.customer_writes, 20),
    "worker_claims": (Walk.worker_claims, 20),
    "worker_records": (Walk.worker_records, 20),
    "lease_runs_out": (Walk.lease_runs_out, 3),
    "deadline_passes": (Walk.deadline_passes, 1),
    "worker_stops": (Walk.worker_stops, 1),
    "customer_stops": (Walk.customer_stops, 3),
    "customer_retries": (Walk.customer_retries, 4),
    "customer_rings": (Walk.customer_rings, 3),
    "customer_withdraws": (Walk.customer_withdraws, 8),
    "agent_takes": (Walk.agent_takes, 3),
    "agent_replies": (Walk.agent_replies, 3),
    "agent_hands_back": (Walk.agent_hands_back, 22),
    "agent_closes": (Walk.agent_closes, 3),
    "sweeper_frees": (Walk.sweeper_frees, 3),
    "agent_passes_on": (Walk.agent_passes_on, 2),
    "agent_gives_to_team": (Walk.agent_gives_to_team, 2),
    "agent_comes_or_goes": (Walk.agent_comes_or_goes, 4),
    "account_goes": (Walk.account_goes, 1),
}


@dataclass(frozen=True)
class Seen:
    """One conversation's rows at a moment."""

    owner: Owner
    agent_named: bool
    last_seq: int
    seqs: frozenset[int]
    finals: frozenset[uuid.UUID]
    open_questions: int
    open_requests: int
    taken_requests: int
    requests: dict[int, tuple[str, int | None, int | None]]
    odd_outcomes: int


def _seen(chat: uuid.UUID) -> Seen:
    row = Conversation.objects.get(pk=chat)
    rows = list(row.messages.values_list("pk", "seq", "kind", "state"))
    asked = Escalation.objects.filter(conversation=chat)
    states = Counter(asked.values_list("state", flat=True))
    requests = asked.values_list("pk", "reason", "message__seq", "ended_seq")
    return Seen(
        owner=Owner(row.owner),
        agent_named=row.agent_id is not None,
        last_seq=row.last_seq,
        seqs=frozenset(seq for _, seq, _, _ in rows),
        finals=frozenset(pk for pk, _, kind, _ in rows if kind == MessageKind.FINAL),
        open_questions=row.messages.open_questions().count(),
        open_requests=states[EscalationState.OPEN],
        taken_requests=states[EscalationState.TAKEN],
        odd_outcomes=asked.filter(ODD_OUTCOME).count(),
        requests={pk: (reason, seq, ended) for pk, reason, seq, ended in requests},
    )


def _standing(before: Seen, after: Seen) -> Standing:
    new = len(after.finals - before.finals)
    return Standing(
        owner=after.owner,
        agent_named=after.agent_named,
        open_requests=after.open_requests,
        taken_requests=after.taken_requests,
        open_questions=after.open_questions,
        replies_out_of_turn=0 if bot_may_speak(before.owner) else new,
    )


def _changes_not_allowed(before: Seen, after: Seen) -> list[str]:
    found = []
    allowed = {end for (start, _), end in TRANSITIONS.items() if start is before.owner}
    if after.owner is not before.owner and after.owner not in allowed:
        found.append(f"the owner went from {before.owner} to {after.owner}")
    if after.seqs != frozenset(range(1, after.last_seq + 1)):
        found.append("sequence numbers have a gap")
    if after.odd_outcomes:
        found.append("a request's outcome says another thing than its state")
    past = [EndedRequest(why, end) for why, _, end in before.requests.values() if end is not None]
    for pk in after.requests.keys() - before.requests.keys():
        why, seq, _ = after.requests[pk]
        asked_by_bot = why not in BY_PEOPLE and seq is not None
        if asked_by_bot and not may_ask_again(why, seq or 0, past):
            found.append(f"a person was asked again for {why} without a new question")
    return found


def doubled_replies() -> int:
    """Return how many questions have more than one final reply."""
    finals = Count("replies", filter=Q(replies__kind=MessageKind.FINAL))
    return Message.objects.annotate(finals=finals).filter(finals__gt=1).count()

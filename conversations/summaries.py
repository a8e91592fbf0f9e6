"""After a reply: write down, in short, what the next prompts have no room for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import DatabaseError, transaction

from conversations import wiring
from conversations.answering import local_only, routing
from conversations.answering.leaning import leans_on_history
from conversations.answering.summarising import summarise
from conversations.answering.token_budget import HISTORY_TURNS
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Turn
from conversations.loading import OldTurn, old_turns, stays_here
from conversations.models import Conversation, ConversationSummary
from conversations.pooled_connection import give_back
from conversations.prompts import load
from conversations.running import running_answers

logger = logging.getLogger(__name__)
SUMMARY_PROMPT = "summary_v1"
# As many turns as this must have become too old since the last summary: each one is a call.
TURNS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Made:
    text: str
    rests_on: frozenset[str]


def may_be_due(seq: int, asked: str) -> bool:
    """Say whether a conversation of so many messages may want a summary; asks no database.

    Who asks questions that stand alone has no use for what was said long ago.
    """
    return seq >= HISTORY_TURNS + TURNS_AT_ONCE and leans_on_history(asked)


def keep_short(conversation_id: UUID) -> bool:
    """Summarise what is too old for the next prompt, where a model may; say whether it was done."""
    chat = Conversation.objects.filter(pk=conversation_id).first()
    if chat is None:
        return False
    last = ConversationSummary.objects.filter(conversation=chat).first()
    turns = old_turns(chat, last.until_seq if last else 0, HISTORY_TURNS)
    if len(turns) < TURNS_AT_ONCE:
        return False
    toolbox = wiring.toolbox(conversation_id=chat.pk, visitor_id=chat.visitor_id)
    if not (toolbox.model or toolbox.local_model):
        return False
    # When most of the day's budget is used, the rest is for answers.
    if toolbox.budget_used() >= routing.BUDGET_NEARLY_USED:
        return False
    made = _made(last, turns, toolbox)
    return bool(made and _stored(chat, turns[-1].seq, made))


def _made(last: ConversationSummary | None, turns: list[OldTurn], toolbox: Toolbox) -> _Made | None:
    before = frozenset(last.rests_on) if last else frozenset[str]()
    # The last summary is judged as a reply is: by what it rests on, as things stand.
    earlier = Turn("assistant", last.text, local_only=stays_here(before)) if last else None
    sendable = local_only.choose(
        "", (), [old.turn for old in turns], toolbox.model, toolbox.local_model
    )
    if sendable.model is None or not sendable.history:
        return None
    text = local_only.sendable_summary(
        earlier, (), sendable.history, sendable.model, toolbox.local_model
    )
    give_back()
    summary = summarise(
        load(SUMMARY_PROMPT),
        text,
        sendable.history,
        sendable.model,
        toolbox,
        running_answers.stopping,
    )
    if not summary:
        return None
    return _Made(summary, _rests_on(turns, sendable.history) | (before if text else frozenset()))


def _rests_on(turns: Sequence[OldTurn], sent: Sequence[Turn]) -> frozenset[str]:
    """Return the documents behind the turns that were sent, with "" where one quotes such."""
    used = [old.rests_on for old in turns if old.turn in sent]
    given = [old.turn for old in turns]
    quoting = [turn for turn in sent if turn.local_only and turn not in given]
    return frozenset().union(*used, [""] if quoting else [])


def _stored(chat: Conversation, until_seq: int, made: _Made) -> bool:
    """Store it, unless a newer one is there or the conversation was erased meanwhile."""
    defaults = {
        "text": made.text,
        "until_seq": until_seq,
        "rests_on": sorted(made.rests_on),
        "prompt_version": load(SUMMARY_PROMPT).label,
    }
    try:
        with transaction.atomic():
            if not Conversation.objects.select_for_update().filter(pk=chat.pk).exists():
                return False
            newer = ConversationSummary.objects.filter(conversation=chat, until_seq__gte=until_seq)
            if newer.exists():
                return False
            ConversationSummary.objects.update_or_create(conversation=chat, defaults=defaults)
    except DatabaseError:
        logger.exception("summary.not_written", extra={"conversation_id": str(chat.pk)})
        return False
    return True

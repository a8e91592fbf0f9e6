"""What of history and passages goes into a prompt of limited length. Pure.

The fixed text and the question are always there. A part of the rest is for earlier turns, the
newest first; what they leave is the passages', the best first. Nothing is cut inside a sentence
unless the sentence alone is too long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from conversations.answering.cutting import cut
from providers.llm.base import ChatMessage
from providers.llm.token_counter import MESSAGE_TOKENS, TokenCounter

HISTORY_TURNS = 6
# Of what the fixed text leaves, earlier turns get at most this share, and never more than this.
HISTORY_SHARE = 0.25
HISTORY_TOKENS = 750
TURN_TOKENS = 200
# A summary of what is older gets at most this.
SUMMARY_SHARE = 0.1
SUMMARY_TOKENS = 250
# Chunks are shorter; tables and code may not be.
PASSAGE_TOKENS = 600
# A shorter rest of a turn or passage says nothing.
LEAST_TOKENS = 40


@dataclass(frozen=True, slots=True)
class BudgetRecord:
    """How many tokens each part got and what was left out, for the record of the answer."""

    counter: str
    limit: int
    instructions: int
    question: int
    history: int = 0
    passages: int = 0
    turns_dropped: int = 0
    turns_shortened: int = 0
    passages_dropped: int = 0
    passages_cut: int = 0
    summary: int = 0

    def row(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)

    @property
    def left(self) -> int:
        """Return how many tokens are still free."""
        fixed = self.instructions + self.question
        return self.limit - fixed - self.summary - self.history - self.passages


@dataclass(frozen=True, slots=True)
class Fitted:
    """Texts that fit: in their order, with their tokens and how many were dropped or shortened."""

    texts: tuple[str, ...]
    tokens: int
    dropped: int
    shortened: int


def fit_history(
    turns: Sequence[ChatMessage], room: int, counter: TokenCounter
) -> tuple[list[ChatMessage], Fitted]:
    """Return the newest turns that fit into their share of `room` tokens, the oldest first."""
    left = min(int(room * HISTORY_SHARE), HISTORY_TOKENS)
    newest = [turn for turn in turns if turn.content.strip()][::-1]
    kept: list[ChatMessage] = []
    tokens = shortened = 0
    for turn in newest:
        text = _fit_turn(turn.content, left - tokens - MESSAGE_TOKENS, counter)
        if not text:
            break
        shortened += text != turn.content
        tokens += counter.count(text) + MESSAGE_TOKENS
        kept.append(ChatMessage(turn.role, text))
    kept.reverse()
    texts = tuple(turn.content for turn in kept)
    return kept, Fitted(texts, tokens, len(newest) - len(kept), shortened)


def fit_summary(text: str, room: int, counter: TokenCounter) -> str:
    """Return a summary of older turns as it fits its share of `room` tokens; never a scrap."""
    most = min(int(room * SUMMARY_SHARE), SUMMARY_TOKENS)
    return cut(text, most, counter.count) if most >= LEAST_TOKENS else ""


def fit_passages(texts: Sequence[str], room: int, counter: TokenCounter) -> Fitted:
    """Return the first texts that fit into `room` tokens; the first one always, however short."""
    kept: list[str] = []
    tokens = shortened = 0
    for text in texts:
        left = room - tokens
        if kept and left < LEAST_TOKENS:
            break
        fitting = cut(text, min(PASSAGE_TOKENS, max(left, LEAST_TOKENS)), counter.count)
        shortened += fitting != text
        tokens += counter.count(fitting)
        kept.append(fitting)
    return Fitted(tuple(kept), tokens, len(texts) - len(kept), shortened)


def _fit_turn(text: str, left: int, counter: TokenCounter) -> str:
    """Return a turn as it fits; nothing where only a scrap of it would."""
    if left < LEAST_TOKENS:
        return text if counter.count(text) <= left else ""
    return cut(text, min(TURN_TOKENS, left), counter.count)

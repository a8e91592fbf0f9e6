"""Which passages and turns may go to which model, where some must not leave this machine. Pure.

A model counts as local by its endpoint's host (providers/llm/locality.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conversations.answering.stretches import says_something
from conversations.answering.values import Finding, Turn
from guardrails.leaks import repeats
from knowledge.retrieval.values import Passage
from providers.llm.base import ChatModel

# An answer stands on its first passages: without one of them the rest only looks complete.
DECIDING = 3


@dataclass(frozen=True, slots=True)
class Sendable:
    """A model and what it may get. No `model`: the best passages may go to none there is."""

    model: ChatModel | None
    passages: tuple[Passage, ...]
    history: tuple[Turn, ...]
    findings: tuple[Finding, ...] = ()


def choose(
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    model: ChatModel | None,
    local_model: ChatModel | None,
) -> Sendable:
    """Return which model is asked and what it gets.

    1. A local model gets everything.
    2. When one of the first passages must stay here, or the question quotes one that must, only a
       local model will do.
    3. Else the preferred model gets what may leave: the later passages and the turns that must
       stay are left out.
    """
    wanted, turns = model or local_model, _marked(history, passages)
    whole = Sendable(local_model, tuple(passages), turns)
    if wanted is local_model:
        return whole
    deciding = [passage for passage in passages if says_something(passage)][:DECIDING]
    if any(passage.local_only for passage in deciding) or _quotes(question, passages, turns):
        return whole if local_model else Sendable(None, (), ())
    kept = tuple(passage for passage in passages if not passage.local_only)
    said = tuple(turn for turn in turns if not turn.local_only)
    findings = _findings(len(passages) - len(kept), len(turns) - len(said))
    return Sendable(wanted, kept, said, findings)


def sendable_summary(
    summary: Turn | None,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    model: ChatModel,
    local_model: ChatModel | None,
) -> str:
    """Return the summary of older turns if this model may get it, else nothing."""
    if summary is None:
        return ""
    stays = summary.local_only or _quotes(summary.text, passages, history)
    return summary.text if model is local_model or not stays else ""


def _marked(history: Sequence[Turn], passages: Sequence[Passage]) -> tuple[Turn, ...]:
    """Return the turns; those that quote what must stay here must stay here too."""
    return tuple(
        turn if turn.local_only else replace(turn, local_only=_quotes(turn.text, passages, history))
        for turn in history
    )


def _quotes(text: str, passages: Sequence[Passage], turns: Sequence[Turn]) -> bool:
    kept_here = [passage.text for passage in passages if passage.local_only]
    kept_here += [turn.text for turn in turns if turn.local_only]
    return any(repeats(text, kept) for kept in kept_here)


def _findings(passages: int, turns: int) -> tuple[Finding, ...]:
    counted = (("local_passages_left_out", passages), ("local_turns_left_out", turns))
    return tuple(Finding(code, "info", str(number)) for code, number in counted if number)

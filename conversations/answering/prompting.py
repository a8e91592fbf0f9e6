"""Stage: prompt file + numbered passages + budgeted history = the messages for a model.

The customer's words and the passages never stand in the system role; the passages stand between
two copies of a random line, so that a text inside them cannot pretend to end the quotation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conversations.answering.instructions import in_words, sayable
from conversations.answering.stretches import says_something
from conversations.answering.token_budget import (
    HISTORY_TURNS,
    BudgetRecord,
    fit_history,
    fit_passages,
    fit_summary,
)
from conversations.answering.values import InstructionsSpec, Prompt, Turn
from conversations.prompts import PromptTemplate
from guardrails.leaks import new_boundary, new_canary
from guardrails.pii import Masker
from knowledge.retrieval.values import Passage
from providers.llm.base import ChatMessage
from providers.llm.token_counter import MESSAGE_TOKENS, TokenCounter, usual_counter

MAX_INPUT_TOKENS = 6000
# The first passages are sent whatever they are worth; of the others only those that are worth this
# share of the best. Fitted so that no right page is lost (docs/decisions/0023).
ALWAYS_SENT = 4
WORTH_SENDING = 0.7


@dataclass(frozen=True, slots=True)
class Room:
    """How long a prompt may be: so many passages, so many tokens as `counter` counts them."""

    passages: int = 6
    tokens: int = MAX_INPUT_TOKENS
    counter: TokenCounter = field(default_factory=usual_counter)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was said in turns too old for a prompt, in short, and the prompt file for it."""

    template: PromptTemplate
    text: str


def make(
    template: PromptTemplate,
    question: str,
    history: Sequence[Turn],
    passages: Sequence[Passage],
    room: Room,
    instructions: InstructionsSpec | None = None,
    earlier: Earlier | None = None,
) -> Prompt:
    """Render the prompt within its room, the passages numbered from 1.

    The operator's instructions stand in the system text, for templates that have a place for them.
    What was said `earlier` stands before the turns, where turns had to be left out.
    """
    masker, boundary, canary = Masker(), new_boundary(), new_canary()
    told = in_words(instructions) if instructions else ""
    values = {
        "canary": canary,
        "boundary": boundary,
        "passages": "",
        "question": masker.mask(question),
    }
    if "instructions" in template.variables:
        values["instructions"] = told
    turns = _messages(history[-HISTORY_TURNS:], masker)
    fixed = _fixed(template.render(values), room)
    kept, said = fit_history(turns, fixed.left, room.counter)
    dropped = said.dropped + max(0, len(history) - HISTORY_TURNS)
    summary = _summary(earlier, fixed.left, room, masker, boundary) if earlier and dropped else ()
    fixed = replace(fixed, summary=sum(_cost(message, room) for message in summary))
    chosen = [p for p in passages if says_something(p)][: room.passages]
    fitted = fit_passages(
        [_numbered(n, p) for n, p in enumerate(chosen, 1)], fixed.left - said.tokens, room.counter
    )
    system, user = template.render({**values, "passages": "\n\n".join(fitted.texts)})
    return Prompt(
        messages=(ChatMessage("system", system), *summary, *kept, ChatMessage("user", user)),
        passages=tuple(chosen[: len(fitted.texts)]),
        canary=canary,
        boundary=boundary,
        label=template.label,
        masker=masker,
        operator_text=sayable(instructions) if instructions else "",
        never_say=instructions.never_say if instructions else (),
        budget=replace(
            fixed,
            history=said.tokens,
            turns_dropped=dropped,
            turns_shortened=said.shortened,
            passages=fitted.tokens,
            passages_dropped=fitted.dropped,
            passages_cut=fitted.shortened,
        ).row(),
    )


def worth_sending(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages without those far behind the best, which cost and say nothing."""
    best = max((passage.score for passage in passages), default=0.0)
    others = passages[ALWAYS_SENT:]
    near = (passage for passage in others if passage.score >= WORTH_SENDING * best)
    return (*passages[:ALWAYS_SENT], *near)


def _fixed(rendered: tuple[str, str], room: Room) -> BudgetRecord:
    """Return the record of what is always there."""
    system, user = (room.counter.count(text) + MESSAGE_TOKENS for text in rendered)
    return BudgetRecord(room.counter.name, room.tokens, instructions=system, question=user)


def _summary(
    earlier: Earlier, left: int, room: Room, masker: Masker, boundary: str
) -> tuple[ChatMessage, ...]:
    """Return the message with the summary. It holds customers' words: never the system role."""
    text = fit_summary(masker.mask(earlier.text), left, room.counter)
    if not text:
        return ()
    _, said = earlier.template.render({"boundary": boundary, "summary": text})
    return (ChatMessage("user", said),)


def _cost(message: ChatMessage, room: Room) -> int:
    return room.counter.count(message.content) + MESSAGE_TOKENS


def _numbered(number: int, passage: Passage) -> str:
    head = " > ".join(part for part in (passage.title, *passage.headings) if part)
    return f"[{number}] {head}\n{passage.text.strip()}"


def _messages(history: Sequence[Turn], masker: Masker) -> list[ChatMessage]:
    return [
        ChatMessage("user" if turn.role == "customer" else "assistant", masker.mask(turn.text))
        for turn in history
    ]

"""Stage: prompt file + numbered passages + budgeted history = the messages for a model.

The customer's words and the passages never stand in the system role; the passages stand between
two copies of a random line, so that a text inside them cannot pretend to end the quotation.
"""

from __future__ import annotations

from collections.abc import Sequence

from conversations.answering.instructions import in_words
from conversations.answering.stretches import says_something
from conversations.answering.values import InstructionsSpec, Prompt, Turn
from conversations.prompts import PromptTemplate
from guardrails.leaks import new_boundary, new_canary
from guardrails.pii import Masker
from knowledge.retrieval.values import Passage
from providers.llm.base import ChatMessage

HISTORY_TURNS = 6
HISTORY_CHARACTERS = 3000
TURN_CHARACTERS = 800
# About 350 tokens; chunks are shorter, tables and code may not be.
PASSAGE_CHARACTERS = 2400


def make(
    template: PromptTemplate,
    question: str,
    history: Sequence[Turn],
    passages: Sequence[Passage],
    limit: int,
    instructions: InstructionsSpec | None = None,
) -> Prompt:
    """Render the prompt with at most `limit` passages, numbered from 1.

    The operator's instructions stand in the system text, for templates that have a place for them.
    """
    masker, boundary, canary = Masker(), new_boundary(), new_canary()
    chosen = tuple(p for p in passages if says_something(p))[:limit]
    told = in_words(instructions) if instructions else ""
    values = {
        "canary": canary,
        "boundary": boundary,
        "passages": "\n\n".join(_numbered(n, p) for n, p in enumerate(chosen, 1)),
        "question": masker.mask(question),
    }
    if "instructions" in template.variables:
        values["instructions"] = told
    system, user = template.render(values)
    messages = (
        ChatMessage("system", system),
        *_history_messages(history, masker),
        ChatMessage("user", user),
    )
    never = instructions.never_say if instructions else ()
    return Prompt(messages, chosen, canary, boundary, template.label, masker, told, never)


def _numbered(number: int, passage: Passage) -> str:
    head = " > ".join(part for part in (passage.title, *passage.headings) if part)
    return f"[{number}] {head}\n{passage.text.strip()[:PASSAGE_CHARACTERS]}"


def _history_messages(history: Sequence[Turn], masker: Masker) -> list[ChatMessage]:
    chosen: list[ChatMessage] = []
    left = HISTORY_CHARACTERS
    for turn in reversed(history[-HISTORY_TURNS:]):
        text = masker.mask(turn.text)[:TURN_CHARACTERS]
        left -= len(text)
        if left < 0:
            break
        if text.strip():
            chosen.append(ChatMessage("user" if turn.role == "customer" else "assistant", text))
    return chosen[::-1]

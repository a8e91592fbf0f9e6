"""Stage: a model makes a question stand alone where the rules cannot tell what it leans on.

The customer waits for this call before anything is searched, so it gets little time and one line
to write. A model that fails, is late or writes something else leaves the rules' query in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conversations.answering.generation import labelled
from conversations.answering.impatience import Impatient
from conversations.answering.terms import terms
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Progress, Turn
from conversations.prompts import PromptTemplate
from guardrails.leaks import new_boundary
from guardrails.pii import Masker
from providers.errors import ProviderError
from providers.llm.base import ChatMessage, ChatModel, Completion
from providers.llm.purposes import Purpose

REWRITE_SECONDS = 3.0
MOST_TOKENS = 80
LONGEST_QUERY = 400
TURNS = 6
TURN_CHARACTERS = 600
# Of the query's telling words, this share must have been said: a model that adds words of its own
# searches for what it supposes.
LEAST_SAID = 0.6


@dataclass(frozen=True, slots=True)
class Rewritten:
    """The model's query, empty when the rules' one stays, and the call if it came to an end."""

    query: str = ""
    completion: Completion | None = None


def rewrite(
    text: str, history: Sequence[Turn], model: ChatModel, toolbox: Toolbox, progress: Progress
) -> Rewritten:
    """Ask the model for a query that stands alone. Never raises for a failing provider."""
    if toolbox.rewriting_prompt is None:
        return Rewritten()
    masker = Masker()
    messages = _messages(toolbox.rewriting_prompt, text, history, masker)
    try:
        completion = model.complete(
            messages,
            purpose=Purpose.REWRITE,
            sink=Impatient(progress.cancelled, toolbox.clock, REWRITE_SECONDS),
            record=labelled(toolbox.record_call, toolbox.rewriting_prompt.label),
            max_output_tokens=MOST_TOKENS,
            temperature=0.0,
        )
    except ProviderError:
        return Rewritten()
    query = " ".join(masker.unmask(completion.text).split()).strip("\"'“”„«»")
    said = [text, *(turn.text for turn in history)]
    return Rewritten(query if acceptable(query, said) else "", completion)


def acceptable(query: str, said: Sequence[str]) -> bool:
    """Say whether a model's line can be searched for: short, telling, and made of what was said."""
    telling = set(terms(query))
    if not telling or len(query) > LONGEST_QUERY:
        return False
    known = {term for text in said for term in terms(text)}
    return len(telling & known) >= LEAST_SAID * len(telling)


def _messages(
    template: PromptTemplate, text: str, history: Sequence[Turn], masker: Masker
) -> tuple[ChatMessage, ...]:
    lines = [
        f"{'Customer' if turn.role == 'customer' else 'Answer'}: "
        f"{' '.join(masker.mask(turn.text)[:TURN_CHARACTERS].split())}"
        for turn in history[-TURNS:]
    ]
    system, user = template.render(
        {
            "boundary": new_boundary(),
            "conversation": "\n".join(lines),
            "question": masker.mask(text),
        }
    )
    return ChatMessage("system", system), ChatMessage("user", user)

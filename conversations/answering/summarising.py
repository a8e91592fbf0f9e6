"""A model writes down, in short, what was said in turns too old for a prompt.

Made after a reply, so nobody waits for it. A model that fails, is late, or writes figures that
nobody said leaves things as they were: old turns are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from conversations.answering.generation import labelled
from conversations.answering.impatience import Impatient
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Turn
from conversations.prompts import PromptTemplate
from guardrails.leaks import new_boundary
from guardrails.pii import Masker
from providers.errors import ProviderError
from providers.llm.base import ChatMessage, ChatModel
from providers.llm.purposes import Purpose

SUMMARY_SECONDS = 15.0
MOST_TOKENS = 220
LONGEST_SUMMARY = 1500
TURN_CHARACTERS = 800
_NAMES = {"customer": "Customer", "assistant": "Answer", "agent": "Person of the company"}
_FIGURE = re.compile(r"\d+")


def summarise(
    template: PromptTemplate,
    earlier: str,
    turns: Sequence[Turn],
    model: ChatModel,
    toolbox: Toolbox,
    cancelled: Callable[[], bool],
) -> str:
    """Return the summary of `earlier`, the last one, and the turns since; "" where none was made.

    Never raises for a failing provider.
    """
    masker = Masker()
    try:
        completion = model.complete(
            _messages(template, earlier, turns, masker),
            purpose=Purpose.SUMMARY,
            sink=Impatient(cancelled, toolbox.clock, SUMMARY_SECONDS),
            record=labelled(toolbox.record_call, template.label),
            max_output_tokens=MOST_TOKENS,
            temperature=0.0,
        )
    except ProviderError:
        return ""
    summary = " ".join(masker.unmask(completion.text).split())
    said = [earlier, *(turn.text for turn in turns)]
    return summary if acceptable(summary, said) else ""


def acceptable(summary: str, said: Sequence[str]) -> bool:
    """Say whether a summary may stand for what was said: short, and no figure that nobody said."""
    known = {figure for text in said for figure in _FIGURE.findall(text)}
    return 0 < len(summary) <= LONGEST_SUMMARY and known.issuperset(_FIGURE.findall(summary))


def _messages(
    template: PromptTemplate, earlier: str, turns: Sequence[Turn], masker: Masker
) -> tuple[ChatMessage, ...]:
    lines = [
        f"{_NAMES[turn.role]}: {' '.join(masker.mask(turn.text)[:TURN_CHARACTERS].split())}"
        for turn in turns
    ]
    system, user = template.render(
        {
            "boundary": new_boundary(),
            "earlier": masker.mask(earlier) or "Nothing.",
            "conversation": "\n".join(lines),
        }
    )
    return ChatMessage("system", system), ChatMessage("user", user)

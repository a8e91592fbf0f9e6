"""A prompt that is too long for its model, made shorter: first its history, then its passages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from conversations.answering.values import Prompt
from providers.llm.base import ChatMessage


def shorter(prompt: Prompt) -> Iterator[Prompt]:
    """Yield the prompt without its history, then with the better half of its passages, once each.

    What cannot be shortened is not yielded. The instructions and the question stay whole.
    """
    shortened = prompt
    if len(prompt.messages) > 2:
        shortened = replace(prompt, messages=(prompt.messages[0], prompt.messages[-1]))
        yield shortened
    kept = len(prompt.passages) // 2
    if kept:
        last = ChatMessage("user", _with_passages(prompt, kept))
        messages = (*shortened.messages[:-1], last)
        yield replace(shortened, messages=messages, passages=prompt.passages[:kept])


def _with_passages(prompt: Prompt, kept: int) -> str:
    """Return the last message with the first passages only; they are numbered from 1."""
    content = prompt.messages[-1].content
    before, boundary, rest = content.partition(prompt.boundary)
    quoted, closing, after = rest.partition(prompt.boundary)
    # A passage that holds such a number at a line's start is cut there, which loses text only.
    cut = quoted.find(f"\n\n[{kept + 1}] ")
    shown = quoted[:cut] if cut >= 0 else quoted
    return f"{before}{boundary}{shown}\n{closing}{after}"

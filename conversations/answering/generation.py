"""Stage: ask the model, stream through the guard. A failure is a value here, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from conversations.answering.shortening import shorter
from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Prompt
from providers.errors import ContentFiltered, ContextTooLong, ProviderError
from providers.llm.base import CallRecord, ChatModel, Completion, StreamSink
from providers.llm.purposes import Purpose

# An endpoint says at once that a prompt is too long. One that takes longer leaves no time for more.
SHORTEN_WITHIN_SECONDS = 5.0


class GuardedSink(StreamSink, Protocol):
    """A sink that must hear of a good end, to let go of what it held back."""

    def finish(self) -> None:
        """Show the rest."""
        ...


@dataclass(frozen=True, slots=True)
class Generated:
    """A completion, or why there is none: the error's name and detail, without keys or texts.

    `prompt` is the one that was sent last; it may be shorter than the one given. `filtered`: the
    endpoint's own filter withheld the text.
    """

    completion: Completion | None
    prompt: Prompt
    error: str = ""
    filtered: bool = False


def generate(
    prompt: Prompt,
    model: ChatModel,
    toolbox: Toolbox,
    sink: GuardedSink,
    purpose: Purpose = Purpose.ANSWER,
) -> Generated:
    """Run the prompt on a model that may get it; shorter ones when it is too long."""
    started = toolbox.clock.monotonic_seconds()
    for attempt in (prompt, *shorter(prompt)):
        prompt = attempt
        try:
            completion = model.complete(
                prompt.messages,
                purpose=purpose,
                sink=sink,
                record=labelled(toolbox.record_call, prompt.label),
                max_output_tokens=toolbox.thresholds.max_output_tokens,
                temperature=toolbox.thresholds.temperature,
            )
        except ProviderError as error:
            failed = _failed(prompt, error)
            late = toolbox.clock.monotonic_seconds() - started > SHORTEN_WITHIN_SECONDS
            if late or not isinstance(error, ContextTooLong):
                return failed
        else:
            sink.finish()
            return Generated(completion, prompt)
    return failed


def labelled(record: Callable[[CallRecord], None], label: str) -> Callable[[CallRecord], None]:
    """Return a recorder that notes which prompt a call was made with."""
    return lambda call: record(replace(call, prompt_version=label))


def _failed(prompt: Prompt, error: ProviderError) -> Generated:
    told = f"{type(error).__name__}: {error.detail}"
    return Generated(None, prompt, told, filtered=isinstance(error, ContentFiltered))

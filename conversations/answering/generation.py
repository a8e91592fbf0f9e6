"""Stage: ask the model, stream through the guard. A failure is a value here, never an exception."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Prompt
from providers.errors import ProviderError
from providers.llm.base import ChatModel, Completion, StreamSink

PURPOSE = "answer"


class GuardedSink(StreamSink, Protocol):
    """A sink that must hear of a good end, to let go of what it held back."""

    def finish(self) -> None:
        """Show the rest."""
        ...


@dataclass(frozen=True, slots=True)
class Generated:
    """A completion, or why there is none: the error's name and detail, without keys or texts."""

    completion: Completion | None
    error: str = ""


def generate(prompt: Prompt, model: ChatModel, toolbox: Toolbox, sink: GuardedSink) -> Generated:
    """Run the prompt on a model that may get it."""
    try:
        completion = model.complete(
            prompt.messages,
            purpose=PURPOSE,
            sink=sink,
            record=toolbox.record_call,
            max_output_tokens=toolbox.thresholds.max_output_tokens,
            temperature=toolbox.thresholds.temperature,
        )
    except ProviderError as error:
        return Generated(None, f"{type(error).__name__}: {error.detail}")
    sink.finish()
    return Generated(completion)

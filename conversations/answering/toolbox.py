"""What the pipeline works with. Everything outside the process comes in through here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from conversations.answering.cached import AnswerCache
from conversations.answering.telling import Similarity
from conversations.answering.values import Banner, InstructionsSpec, RuleSpec
from conversations.prompts import PromptTemplate
from guardrails.high_stakes import Topic
from knowledge.retrieval.values import Query, Reader, Retrieved
from providers.clock import Clock, SystemClock
from providers.llm.base import CallRecord, ChatModel
from providers.llm.token_counter import TokenCounter, usual_counter

# Query, reader, most passages; best first. Raises ProviderError.
Retrieve = Callable[[Query, Reader, int], Retrieved]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Settings of an installation that the stages need; the defaults are those of settings.

    Slope and intercept correct the confidence's log-odds by what customers thought of answers.
    """

    passages: int = 6
    max_input_tokens: int = 6000
    confidence_high: float = 0.85
    confidence_medium: float = 0.65
    confidence_slope: float = 1.0
    confidence_intercept: float = 0.0
    max_output_tokens: int = 700
    temperature: float = 0.2


def _no_record(call: CallRecord) -> None:
    """Forget a call: for runs that keep no ledger."""


def _unsaid(text: str) -> None:
    """Say nothing at once: the banner stands in the reply."""


def _always() -> bool:
    return True


def _never() -> bool:
    return False


def _nothing() -> float:
    return 0.0


@dataclass(frozen=True, slots=True)
class Toolbox:
    """The collaborators of one answer. `model` is None when none is connected.

    `local_model` is the one that may get passages which must not leave this machine: the same one,
    another one, or None. Without `similarity` quotations are chosen by their words alone; without
    `rewriting_prompt` no model makes a query; without `earlier_prompt` no summary of old turns is
    sent; without `cache` no answer is kept or served again.
    `budget_used` is the share of the day's budget; `cheaper_model`: simple answers have a model of
    their own. `model_fails`: each model failed of late and is left alone. `topics` are those on
    which a wrong answer does harm. `guarded` is False only where the guards are measured against a
    run without them. `banner` stands now; `say_banner` shows it at once.
    """

    retrieve: Retrieve
    prompt: PromptTemplate
    instructions: InstructionsSpec | None = None
    rules: tuple[RuleSpec, ...] = ()
    model: ChatModel | None = None
    local_model: ChatModel | None = None
    similarity: Similarity | None = None
    rewriting_prompt: PromptTemplate | None = None
    earlier_prompt: PromptTemplate | None = None
    cache: AnswerCache | None = None
    paused: bool = False
    banner: Banner | None = None
    say_banner: Callable[[str], object] = _unsaid
    within_budget: Callable[[], bool] = _always
    budget_used: Callable[[], float] = _nothing
    cheaper_model: bool = False
    model_fails: Callable[[], bool] = _never
    record_call: Callable[[CallRecord], None] = _no_record
    topics: tuple[Topic, ...] = ()
    guarded: bool = True
    counter: TokenCounter = field(default_factory=usual_counter)
    clock: Clock = field(default_factory=SystemClock)
    thresholds: Thresholds = Thresholds()


class SilentProgress:
    """Shows nothing and is never cancelled: for commands, evaluation and tests."""

    def stage(self, name: str) -> None:
        """Ignore."""

    def delta(self, text: str) -> None:
        """Ignore."""

    def retract(self) -> None:
        """Ignore."""

    def cancelled(self) -> bool:
        """Return False."""
        return False


class Deadline(SilentProgress):
    """Gives the model's call up when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def cancelled(self) -> bool:
        """Say whether the time is over."""
        return time.monotonic() >= self._end

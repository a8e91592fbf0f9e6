"""The values that pass between the stages. No Django here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Protocol

from conversations.answering.cached import Entry, Served
from guardrails.leaks import codes_in
from guardrails.pii import Masker
from knowledge.retrieval.values import Passage, Reader
from providers.llm.base import ChatMessage, Usage

# What the prompt file tells a model to write when the passages do not answer.
NO_ANSWER = "NO_ANSWER"


@dataclass(frozen=True, slots=True)
class Turn:
    """What somebody said earlier. `agent` is a person.

    One that is `local_only` rests on a passage that must not be sent to a model outside.
    """

    role: Literal["customer", "assistant", "agent"]
    text: str
    local_only: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What the customer wrote, and on whose behalf documents may be read.

    `quotes_only`: no model is asked, because of what this visitor sent before.
    `banner_said`: this conversation has had the banner that stands now. `summary`: what was said
    in turns too old for `history`, in short. `attachments`: so many files came with it, which
    nothing here can read; then `text` may be empty. `shown_in`: the language of the chat's own
    words, for a text that does not tell its own.
    """

    text: str
    reader: Reader
    history: tuple[Turn, ...] = ()
    language: str = ""
    quotes_only: bool = False
    banner_said: bool = False
    summary: Turn | None = None
    attachments: int = 0
    shown_in: str = ""


class Disposition(StrEnum):
    """What happens to a question."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    EXTRACT = "extract"
    REFUSE = "refuse"
    ESCALATE = "escalate"


class Source(StrEnum):
    """Where the reply's words come from."""

    LLM = "llm"
    CACHE = "cache"
    EXTRACT = "extract"
    RULE = "rule"
    OPERATOR = "operator"


class ConfidenceLevel(StrEnum):
    """Confidence in words."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Finding:
    """A detector's result. `code` is for people's texts and statistics, never a sentence."""

    code: str
    severity: Literal["info", "warn", "block"] = "info"
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Confidence:
    """0..1, its level, and message codes of the reasons."""

    value: float
    level: ConfidenceLevel
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cited:
    """A marker in the text and the passage it stands for. `quote` is verbatim."""

    marker: int
    passage: Passage
    quote: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Messages ready to send, and what the guards must know about them.

    `operator_text` is the part of the system text that may be said; `never_say` may not. `budget`
    is the row of a BudgetRecord (token_budget.py).
    """

    messages: tuple[ChatMessage, ...]
    passages: tuple[Passage, ...]
    canary: str
    boundary: str
    label: str
    masker: Masker
    operator_text: str = ""
    never_say: tuple[str, ...] = ()
    budget: Mapping[str, Any] = field(default_factory=dict)

    @property
    def system(self) -> str:
        """Return the system text."""
        return self.messages[0].content

    @property
    def codes(self) -> frozenset[str]:
        """Return what looks like a code in the system text and stands in no passage."""
        return codes_in(self.private, " ".join(passage.text for passage in self.passages))

    @property
    def private(self) -> str:
        """Return the system text without what the operator wants said."""
        if not self.operator_text:
            return self.system
        return self.system.replace(self.operator_text, "")


@dataclass(frozen=True, slots=True)
class Draft:
    """An unchecked reply. Markers in `text` look like [1]."""

    text: str
    source: Source
    citations: tuple[Cited, ...] = ()
    model: str = ""
    prompt_version: str = ""
    usage: Usage | None = None
    cost_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """An operator's rule as the matcher sees it. No `audiences`: everyone; no `language`: any."""

    id: int | None
    name: str
    action: Literal["text", "link", "form", "person"]
    text: str
    phrases: tuple[str, ...] = ()
    pattern: str = ""
    priority: int = 100
    audiences: frozenset[str] = frozenset()
    language: str = ""
    link_url: str = ""
    link_label: str = ""
    form_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InstructionsSpec:
    """A version of what the operator tells the assistant. Nothing in it comes from customers."""

    version: int
    name: str = ""
    tone: str = ""
    must_say: tuple[str, ...] = ()
    never_say: tuple[str, ...] = ()
    person_topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Banner:
    """What an operator says about an incident before anything else.

    No `phrases`: to the first question of a conversation. `then`: what follows it.
    """

    text: str
    phrases: tuple[str, ...] = ()
    then: Literal["answer", "person"] = "answer"


@dataclass(frozen=True, slots=True)
class Reply:
    """A checked reply that may be delivered.

    `text` is Markdown in the customer's words' language; `code` is set instead where the edge
    renders a standard text (see codes.py). Reasons are message codes. `escalation_reason` is a
    value of EscalationReason, set when the disposition is to escalate. `used` are the passages that
    the text rests on: those in a model's prompt, or those quoted. `served` is the kept answer that
    this is, `to_keep` what others may get of it. `banner` was said before it.
    """

    text: str
    disposition: Disposition
    source: Source
    confidence: Confidence
    code: str = ""
    banner: str = ""
    query: str = ""
    citations: tuple[Cited, ...] = ()
    passages: tuple[Passage, ...] = ()
    used: tuple[Passage, ...] = ()
    alternatives: tuple[str, ...] = ()
    related: tuple[Passage, ...] = ()
    findings: tuple[Finding, ...] = ()
    explanation: str = ""
    human_offered: bool = False
    high_stakes: bool = False
    degraded: str = ""
    rule_id: int | None = None
    form_fields: tuple[str, ...] = ()
    escalation_reason: str = ""
    model: str = ""
    prompt_version: str = ""
    instructions_version: int | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    budget: Mapping[str, Any] = field(default_factory=dict)
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    served: Served | None = None
    to_keep: Entry | None = None


class Progress(Protocol):
    """Receives what may be shown while a reply is being made. Must not block."""

    def stage(self, name: str) -> None:
        """A stage begins: "searching", "writing", "checking"."""
        ...

    def delta(self, text: str) -> None:
        """Show the next piece of text (already past the stream guard)."""
        ...

    def retract(self) -> None:
        """Take back all pieces shown so far."""
        ...

    def cancelled(self) -> bool:
        """Say whether the reply is no longer wanted (stop, takeover, shutdown)."""
        ...

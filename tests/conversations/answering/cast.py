"""Passages, models and listeners that the tests of the pipeline share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from conversations.answering.toolbox import Toolbox
from conversations.answering.values import Prompt, Question, RuleSpec, Turn
from conversations.prompts import load
from guardrails.pii import Masker
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.errors import CallCancelled, ProviderError
from providers.llm.base import CallRecord, ChatMessage, Completion, StreamSink, Usage

PUBLIC = Reader(frozenset({"public"}))
STEPS = (
    "Deleting removes all your data. You cannot undo it.\n\n"
    "To delete your account:\n\n"
    "1. Open Settings.\n2. Choose Delete account.\n3. Confirm with your password.\n\n"
    "We keep invoices for 10 years."
)


def passage(
    document: str,
    text: str,
    *,
    score: float = 0.8,
    title: str = "",
    chunk: str = "",
    heading: str = "Accounts",
) -> Passage:
    return Passage(
        chunk=chunk or f"{document}-1",
        document=document,
        version=f"{document}-v1",
        title=title or document.title(),
        headings=(heading,),
        text=text,
        url=f"https://help.example/{document}",
        page=None,
        score=score,
        dense_score=score,
        sparse_score=score,
    )


DELETING = passage("deleting", STEPS, score=0.9, title="Deleting your account")
SIGNING_IN = passage("signing-in", "You sign in with your e-mail address.", score=0.5)
BILLING = passage("billing", "We send an invoice each month.", score=0.4)
EXPORT = passage("export", "You can export your data as a file.", score=0.3)
ALL = (DELETING, SIGNING_IN, BILLING, EXPORT)


class Listener:
    """Notes what the customer would see."""

    def __init__(self, *, cancelled: bool = False) -> None:
        self.stages: list[str] = []
        self.shown = ""
        self.everything = ""
        self.retracted = 0
        self._cancelled = cancelled

    def stage(self, name: str) -> None:
        self.stages.append(name)

    def delta(self, text: str) -> None:
        self.shown += text
        self.everything += text

    def retract(self) -> None:
        self.shown = ""
        self.retracted += 1

    def cancelled(self) -> bool:
        return self._cancelled


class ScriptedModel:
    """Streams a given text in small pieces, or fails with a given error."""

    def __init__(
        self,
        text: str | Callable[[Sequence[ChatMessage]], str] = "",
        *,
        error: ProviderError | None = None,
        piece: int = 3,
    ) -> None:
        self._text = text
        self._error = error
        self._piece = piece
        self.prompts: list[Sequence[ChatMessage]] = []

    def complete(
        self,
        messages: Sequence[ChatMessage],
        *,
        purpose: str,
        sink: StreamSink | None = None,
        record: Callable[[CallRecord], None] | None = None,
        max_output_tokens: int | None = None,
        temperature: float | None = None,
    ) -> Completion:
        self.prompts.append(messages)
        text = self._text(messages) if callable(self._text) else self._text
        usage, cost = Usage(100, 20), Decimal("0.001")
        for start in range(0, len(text), self._piece):
            if sink and sink.cancelled():
                raise CallCancelled("stopped")
            if sink:
                sink.delta(text[start : start + self._piece])
        outcome = type(self._error).__name__ if self._error else "ok"
        if record:
            record(CallRecord(purpose, "model.example", "scripted", outcome, "", usage, cost, 1, 2))
        if self._error:
            raise self._error
        return Completion(text, "scripted", usage, cost, 1.0, 2.0)


def finder(*passages: Passage, degraded: str = "") -> Callable[[Query, Reader, int], Retrieved]:
    return lambda query, reader, limit: Retrieved(passages[:limit], degraded)


def toolbox(
    *passages: Passage,
    model: ScriptedModel | None = None,
    rules: tuple[RuleSpec, ...] = (),
    within_budget: bool = True,
    record: Callable[[CallRecord], None] | None = None,
) -> Toolbox:
    return Toolbox(
        retrieve=finder(*passages),
        prompt=load("answer_v1"),
        rules=rules,
        model=model,
        within_budget=lambda: within_budget,
        record_call=record or (lambda call: None),
    )


def ask(text: str, *history: Turn, language: str = "") -> Question:
    return Question(text, PUBLIC, history, language)


def prompt_of(*passages: Passage, canary: str = "~mark-0123456789ab", system: str = "") -> Prompt:
    messages = (ChatMessage("system", system or f"Be kind. {canary}"), ChatMessage("user", "?"))
    return Prompt(messages, passages, canary, "=====BOUNDARY-1=====", "answer@1", Masker())

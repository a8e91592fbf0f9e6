"""What one run of the pipeline has gathered so far, and the reply made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from conversations.answering.disposition import Decision
from conversations.answering.evidence import Evidence, gather
from conversations.answering.values import Cited, Confidence, Finding, Question, Reply, Source
from knowledge.retrieval.values import Passage, Retrieved
from providers.clock import Clock
from providers.llm.base import Completion, Usage, added


@dataclass(slots=True)
class Run:
    """The notes of one run. `doubts` are reason codes found outside the confidence stage.

    `query` stands alone and is kept with the answer; `searched` is the same without its misspelt
    words. `suspected`: the message reads like orders to the assistant. `high_stakes` are the
    topics on which a wrong answer does harm. `prompted` are the passages that a model was given;
    `filtered`: its endpoint withheld the text. `banner` has been said.
    """

    question: Question
    clock: Clock
    language: str = "en"
    query: str = ""
    searched: str = ""
    found: Retrieved = field(default_factory=lambda: Retrieved(()))
    evidence: Evidence = field(default_factory=lambda: gather("", ()))
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()
    prompted: tuple[Passage, ...] = ()
    suspected: bool = False
    high_stakes: tuple[str, ...] = ()
    banner: str = ""
    instructions_version: int | None = None
    budget: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    filtered: bool = False
    model: str = ""
    prompt_version: str = ""
    completions: tuple[Completion, ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Note how long a stage takes, in milliseconds."""
        start = self.clock.monotonic_seconds()
        try:
            yield
        finally:
            self.timings_ms[stage] = round(1000 * (self.clock.monotonic_seconds() - start), 2)

    def spent(self, completion: Completion, prompt_version: str = "") -> None:
        """Note what a model used, also when its text is not delivered.

        With a prompt's version it is the model that wrote the answer.
        """
        self.completions += (completion,)
        if prompt_version:
            self.model, self.prompt_version = completion.model, prompt_version

    @property
    def usage(self) -> Usage | None:
        """Return the tokens of all completions; None when an endpoint did not count them."""
        return added([completion.usage for completion in self.completions])

    @property
    def cost_usd(self) -> Decimal | None:
        """Return what all completions cost; None when a price is unknown or none was made."""
        costs = [completion.cost_usd for completion in self.completions]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal(0)) if known and len(known) == len(costs) else None

    def reply(
        self,
        decision: Decision,
        source: Source,
        confidence: Confidence,
        *,
        text: str = "",
        citations: tuple[Cited, ...] = (),
        alternatives: tuple[str, ...] = (),
        related: tuple[Passage, ...] = (),
        rule_id: int | None = None,
        form_fields: tuple[str, ...] = (),
    ) -> Reply:
        """Put the reply together."""
        reasons = (*confidence.reasons, *self.doubts)
        written = source is Source.LLM and text
        return Reply(
            text=text,
            code=decision.code or "",
            banner=self.banner,
            disposition=decision.disposition,
            human_offered=decision.human_offered,
            high_stakes=bool(self.high_stakes),
            escalation_reason=decision.escalation_reason,
            source=source,
            confidence=Confidence(
                confidence.value, confidence.level, tuple(dict.fromkeys(reasons))
            ),
            query=self.query,
            citations=citations,
            passages=self.found.passages,
            used=self.prompted if written else tuple(cited.passage for cited in citations),
            alternatives=alternatives,
            related=related,
            findings=self.findings,
            degraded=self.found.degraded,
            rule_id=rule_id,
            form_fields=form_fields,
            model=self.model,
            prompt_version=self.prompt_version,
            instructions_version=self.instructions_version,
            usage=self.usage,
            cost_usd=self.cost_usd,
            budget=self.budget,
            timings_ms=self.timings_ms,
            error=self.error,
        )

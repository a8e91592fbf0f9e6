"""The values of the answer cache."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Protocol

from providers.llm.base import Usage


class Layer(StrEnum):
    """Which layer of the cache serves. In flight: another is being asked the same this moment."""

    EXACT = "exact"
    SEMANTIC = "semantic"
    IN_FLIGHT = "in_flight"


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom and by what an answer was made: no other reader, prompt or model gets it.

    `settings` names what else shapes an answer (temperature, number of passages).
    """

    audiences: frozenset[str]
    collection: str
    language: str
    prompt: str
    model: str
    settings: str = ""

    @property
    def key(self) -> str:
        """Return one text that is the same for the same scope only."""
        parts = (
            "\0".join(sorted(self.audiences)),
            self.collection,
            self.language,
            self.prompt,
            self.model,
            self.settings,
        )
        return sha256("\1".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What retrieval found for a question: (chunk, version) of the passages, best first.

    `lead` is how far the first document's score is above that of the next document.
    """

    passages: tuple[tuple[str, str], ...] = ()
    lead: float = 0.0

    @property
    def document(self) -> str:
        """Return the version of the document that was found first, empty for nothing found."""
        return self.passages[0][1] if self.passages else ""


@dataclass(frozen=True, slots=True)
class KeptCitation:
    """A citation of a kept answer; its passage is found again, never stored."""

    marker: int
    chunk: str
    version: str
    quote: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that others may get. `question` holds nothing personal: such are never kept.

    A `doubtful` one serves the very same question only.
    """

    id: str
    scope: Scope
    question: str
    evidence: Evidence
    text: str
    citations: tuple[KeptCitation, ...]
    used: tuple[tuple[str, str], ...]
    confidence: float
    confidence_level: str
    reasons: tuple[str, ...] = ()
    human_offered: bool = False
    model: str = ""
    prompt_version: str = ""
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    age_seconds: float = 0.0
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Served:
    """An entry that served a question, and through which layer."""

    entry: Entry
    layer: Layer


@dataclass(frozen=True, slots=True)
class Ages:
    """How old an entry may be, in seconds; 0 switches a layer off."""

    exact_seconds: float = 24 * 3600.0
    semantic_seconds: float = 7 * 24 * 3600.0


class Flight(Protocol):
    """One question that is being answered now, by whoever came first."""

    @property
    def first(self) -> bool:
        """Say whether this caller is the one that answers."""
        ...

    @property
    def over(self) -> bool:
        """Say whether the first one is done."""
        ...

    def wait(self, seconds: float) -> Entry | None:
        """Wait for the first one's answer; None when it has none to share, or not in time."""
        ...

    def land(self, entry: Entry | None) -> None:
        """Hand the answer, or that there is none, to those who wait."""
        ...


class AnswerCache(Protocol):
    """Where kept answers lie. Never raises: a cache that fails is one that holds nothing."""

    @property
    def ages(self) -> Ages:
        """Return how old entries may be."""
        ...

    def scope_of(
        self, audiences: frozenset[str], collection: str | None, language: str, prompt: str
    ) -> Scope:
        """Return the scope of a question, with the model and settings of the installation."""
        ...

    def nominate(self, scope: Scope, text: str) -> list[tuple[Entry, float]]:
        """Return the entries worth a look with their cosine, the same text first."""
        ...

    def join(self, key: str) -> Flight:
        """Take off with a question, or join the one that is in the air."""
        ...

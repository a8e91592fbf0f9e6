"""What goes into retrieval and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. No audiences: nothing is found. No collection: all collections."""

    audiences: frozenset[str]
    collection: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found and that this reader may see (checked against the database).

    `score` is the fused score the list is ordered by; `dense_score` the cosine and
    `sparse_score` the BM25 score divided by the best one of this query (0..1).
    """

    chunk: str
    document: str
    version: str
    title: str
    headings: tuple[str, ...]
    text: str
    url: str
    page: int | None
    score: float
    dense_score: float
    sparse_score: float

    @property
    def heading(self) -> str:
        """Return the heading path in one line."""
        return " > ".join(self.headings)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages, best first. `degraded` names what was missing ("embedding", "vector_store")."""

    passages: tuple[Passage, ...]
    degraded: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)

"""What goes into retrieval and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

# What the index holds in place of readers for a document that answers nobody yet, or no longer.
# It is no valid slug, so no reader can have it.
UNPUBLISHED = "~unpublished"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks. No audiences: nothing is found. No collection: all collections.

    `previews`: an operator who tries the bot also finds documents that are not published yet, of
    the same audiences.
    """

    audiences: frozenset[str]
    collection: str | None = None
    previews: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found and that this reader may see (checked against the database).

    `score` is the fused score the list is ordered by; `dense_score` the cosine and
    `sparse_score` the BM25 score divided by the best one of this query (0..1). One that is
    `local_only` must not be sent to a model outside this machine.
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
    local_only: bool = False

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

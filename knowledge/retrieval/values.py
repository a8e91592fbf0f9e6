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
    the same audiences. `within` are the only collections that may be read (a site's): None is no
    limit, none of them finds nothing.
    """

    audiences: frozenset[str]
    collection: str | None = None
    previews: bool = False
    within: frozenset[str] | None = None

    @property
    def reads_nothing(self) -> bool:
        """Say whether there is nothing that this reader could be shown."""
        return not self.audiences or self.within == frozenset()

    @property
    def shelf(self) -> str:
        """Return one text that is the same for the same collections only; empty for all."""
        if self.within is None:
            return self.collection or ""
        # No slug holds these signs, so no name of a collection is taken for a limit.
        return f"{self.collection or '*'}|{','.join(sorted(self.within))}"


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the customer wrote it, with the turns before it.

    `earlier` are the customer's own turns, the nearest first; the search looks at two. A question
    that `leans` on them cannot be understood alone, so that they count whatever they are about.
    """

    text: str
    earlier: tuple[str, ...] = ()
    leans: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found and that this reader may see (checked against the database).

    `score` is the score the list is ordered by; `dense_score` the cosine, `sparse_score` the BM25
    score divided by the best one of this query, `code_score` how far it holds the codes of the
    question (both 0..1), and `title_score` the cosine with the document's title. One that is
    `local_only` must not be sent to a model outside this machine. `language`: the document's, such
    as "en"; empty when it is not known.
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
    title_score: float = 0.0
    code_score: float = 0.0
    language: str = ""

    @property
    def heading(self) -> str:
        """Return the heading path in one line."""
        return " > ".join(self.headings)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages, best first. `degraded` names what was missing ("embedding", "vector_store").

    `corrected` are words of the question taken for misspelt, each with the words searched for it.
    """

    passages: tuple[Passage, ...]
    degraded: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)
    corrected: tuple[tuple[str, tuple[str, ...]], ...] = ()

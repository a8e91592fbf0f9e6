"""Stage: the passages this reader may see. A failing search is an empty one, and says so."""

from __future__ import annotations

from conversations.answering.toolbox import Retrieve
from knowledge.retrieval.values import Passage, Reader, Retrieved
from providers.errors import ProviderError

# Enough to quote three pages when one page takes the first places.
SEARCHED = 12


def find(query: str, reader: Reader, retrieve: Retrieve) -> Retrieved:
    """Search, and leave out passages that lie within a better one of the same page."""
    try:
        found = retrieve(query, reader, SEARCHED)
    except ProviderError as error:
        return Retrieved((), degraded=type(error).__name__)
    return Retrieved(_without_repeats(found.passages), found.degraded, found.timings_ms)


def _without_repeats(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    kept: list[Passage] = []
    for passage in passages:
        if not any(_within(passage, other) for other in kept):
            kept.append(passage)
    return tuple(kept)


def _within(passage: Passage, other: Passage) -> bool:
    return passage.document == other.document and passage.text.strip() in other.text

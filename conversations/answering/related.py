"""Other pages that a customer may want when the reply may not be what they need. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from knowledge.retrieval.values import Passage

MOST = 3


def others(passages: Sequence[Passage], shown: Collection[str]) -> tuple[Passage, ...]:
    """Return the best passage of each page with a title that is not shown already, best first."""
    best: dict[str, Passage] = {}
    for passage in passages:
        if passage.title and passage.document not in shown:
            best.setdefault(passage.document, passage)
    return tuple(best.values())[:MOST]

"""Stage: a model that reads question and passage together puts the best passages in order.

An option: no such model comes as a package, and it costs some 15 ms of processor a passage. Scores
stay those of the search, since confidence is fitted to them; only the order changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from knowledge.retrieval.values import Passage

# The search's best; what it ranks lower is not read.
RERANKED = 20

# Query and texts to one score each. Raises RerankerUnavailable.
Judge = Callable[[str, Sequence[str]], Sequence[float]]


def reranked(query: str, passages: Sequence[Passage], judge: Judge) -> list[Passage]:
    """Return the passages with the first RERANKED in the judge's order, equals as they stood."""
    first, rest = passages[:RERANKED], passages[RERANKED:]
    scores = judge(query, [_text(passage) for passage in first])
    order = sorted(range(len(first)), key=lambda place: -scores[place])
    return [*(first[place] for place in order), *rest]


def _text(passage: Passage) -> str:
    return "\n".join(part for part in (passage.title, *passage.headings, passage.text) if part)

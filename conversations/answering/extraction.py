"""Stage: an answer without a model: the best stretches of the best pages, word for word.

Grouped by page, at most three pages, each with a marker. Steps keep their order, a list stays a
list, nothing is rephrased.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from conversations.answering import wording
from conversations.answering.stretches import best_stretch, score
from conversations.answering.terms import rarity
from conversations.answering.values import Cited, Draft, Source
from knowledge.retrieval.values import Passage

MOST_DOCUMENTS = 3
FIRST_CHARACTERS = 700
FURTHER_CHARACTERS = 320


def extract(query: str, passages: Sequence[Passage], language: str = "en") -> Draft | None:
    """Quote at most three pages. None when there is nothing to quote."""
    chosen = best_documents(passages)
    if not chosen:
        return None
    weights = rarity([p.text for p in passages])
    parts, cited = [], []
    for number, own in enumerate(chosen, 1):
        budget = FIRST_CHARACTERS if number == 1 else FURTHER_CHARACTERS
        passage, quote = max(
            ((p, best_stretch(query, p, weights, budget)) for p in own[:2]),
            key=lambda pair: score(pair[1], query, weights) + 0.1 * (pair[0] is own[0]),
        )
        lead = wording.first if number == 1 else wording.further
        parts.append(f"{lead(language, _emphasis(passage))}\n\n{_quoted(quote)} [{number}]")
        cited.append(Cited(number, passage, quote))
    return Draft("\n\n".join(parts), Source.EXTRACT, tuple(cited))


def best_documents(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Group passages by document, best document first, at most three."""
    groups: dict[str, list[Passage]] = {}
    for passage in passages:
        groups.setdefault(passage.document, []).append(passage)
    return list(groups.values())[:MOST_DOCUMENTS]


def _emphasis(passage: Passage) -> str:
    title = re.sub(r"[*_\[\]`]", "", passage.title).strip()
    return f"*{title}*" if title else ""


def _quoted(quote: str) -> str:
    # A blank line between a paragraph and its list keeps Markdown from running them together.
    lines = [f"> {line}".rstrip() for line in quote.splitlines()]
    return "\n".join(lines)

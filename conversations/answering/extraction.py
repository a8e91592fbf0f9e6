"""Stage: an answer without a model: the best stretches of the best pages, word for word.

Grouped by page, at most three pages, each with a marker. Steps keep their order, a list stays a
list, nothing is rephrased.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from conversations.answering import wording
from conversations.answering.stretches import best_stretch, says_something, score
from conversations.answering.terms import rarity
from conversations.answering.values import Cited, Draft, Source
from guardrails.links import strip_links, urls_in
from knowledge.retrieval.values import Passage

MOST_DOCUMENTS = 3
FIRST_CHARACTERS = 700
FURTHER_CHARACTERS = 320
# Passages of a page that are compared for the best quotation; the one found first has a lead.
LOOKED_AT = 3
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+?)[\s#]*$", re.MULTILINE)
FIRST_BONUS = 0.1


def extract(query: str, passages: Sequence[Passage], language: str = "en") -> Draft | None:
    """Quote at most three pages. None when there is nothing to quote."""
    weights = rarity([p.text for p in passages])
    parts: list[str] = []
    cited: list[Cited] = []
    for number, own in enumerate(best_documents(passages), 1):
        passage, quote = _best_quote(query, own, weights, first=number == 1)
        lead = wording.first if number == 1 else wording.further
        parts.append(f"{lead(language, _emphasis(passage))}\n\n{_quoted(quote)} [{number}]")
        cited.append(Cited(number, passage, quote))
    return Draft("\n\n".join(parts), Source.EXTRACT, tuple(cited)) if cited else None


def best_documents(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Group quotable passages by document, best document first, at most three documents."""
    groups: dict[str, list[Passage]] = {}
    for passage in passages:
        if says_something(passage):
            groups.setdefault(passage.document, []).append(passage)
    return list(groups.values())[:MOST_DOCUMENTS]


def _best_quote(
    query: str, own: Sequence[Passage], weights: Mapping[str, float], *, first: bool
) -> tuple[Passage, str]:
    budget = FIRST_CHARACTERS if first else FURTHER_CHARACTERS
    quotes = [(p, best_stretch(query, p, weights, budget)) for p in own[:LOOKED_AT]]
    return max(
        quotes,
        key=lambda pair: score(pair[1], query, weights) + FIRST_BONUS * (pair[0] is own[0]),
    )


def _emphasis(passage: Passage) -> str:
    title = re.sub(r"[*_\[\]`]", "", passage.title).strip()
    return f"*{title}*" if title else ""


def _quoted(quote: str) -> str:
    # Addresses relative to the page's own site lead nowhere from here; their words stay.
    text, _ = strip_links(quote, urls_in(quote))
    text = _HEADING.sub(r"**\1**", text)
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

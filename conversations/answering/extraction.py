"""Stage: an answer without a model: the best stretches of the best pages, word for word.

Grouped by page, at most three pages, each with a marker. Steps keep their order, a list stays a
list, nothing is rephrased.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from conversations.answering import wording
from conversations.answering.stretches import Stretch, says_something
from conversations.answering.telling import Similarity, best_stretch, compared_texts
from conversations.answering.terms import rarity
from conversations.answering.values import Cited, Draft, Source
from guardrails.links import strip_links, urls_in
from knowledge.retrieval.values import Passage

MOST_DOCUMENTS = 3
# How far the score of a further page may lie behind the first one's, chosen on half of the
# development cases: more of what was quoted than not was beside the question (decision 0008).
BEHIND_FIRST = 0.25
FIRST_CHARACTERS = 700
FURTHER_CHARACTERS = 320
# Passages of the first, second and third page that are compared for the best quotation; the one
# found first has a lead.
LOOKED_AT = (3, 2, 1)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
FIRST_BONUS = 0.05


def extract(
    query: str,
    passages: Sequence[Passage],
    language: str = "en",
    similarity: Similarity | None = None,
) -> Draft | None:
    """Quote at most three pages, and of these those near the first. None when there is nothing.

    Raises ProviderError when `similarity` does.
    """
    weights = rarity([p.text for p in passages])
    parts: list[str] = []
    cited: list[Cited] = []
    near = near_the_first(best_documents(passages))
    documents = [own[:most] for own, most in zip(near, LOOKED_AT, strict=False)]
    if similarity is not None:
        similarity = _at_once(query, [p for own in documents for p in own], similarity)
    for number, compared in enumerate(documents, 1):
        budget = FIRST_CHARACTERS if number == 1 else FURTHER_CHARACTERS
        passage, stretch = _best_stretch(query, compared, weights, budget, similarity)
        lead = wording.first if number == 1 else wording.further
        parts.append(f"{lead(language, _emphasis(passage))}\n\n{_quoted(stretch)} [{number}]")
        cited.append(Cited(number, passage, stretch.quote))
    return Draft("\n\n".join(parts), Source.EXTRACT, tuple(cited)) if cited else None


def _at_once(query: str, passages: Sequence[Passage], similarity: Similarity) -> Similarity:
    """Ask for all texts of an answer together: it waits for its turn once, or not at all."""
    texts = list(dict.fromkeys(text for passage in passages for text in compared_texts(passage)))
    near = dict(zip(texts, similarity(query, texts), strict=True)) if texts else {}
    return lambda query, wanted: [near[text] for text in wanted]


def best_documents(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Group quotable passages by document, best document first, at most three documents."""
    groups: dict[str, list[Passage]] = {}
    for passage in passages:
        if says_something(passage):
            groups.setdefault(passage.document, []).append(passage)
    return list(groups.values())[:MOST_DOCUMENTS]


def near_the_first(documents: Sequence[list[Passage]]) -> list[list[Passage]]:
    """Leave out the pages that were found by far less than the first one."""
    scores = [max(passage.score for passage in own) for own in documents]
    return [
        own
        for own, score in zip(documents, scores, strict=True)
        if score >= scores[0] - BEHIND_FIRST
    ]


def _best_stretch(
    query: str,
    compared: Sequence[Passage],
    weights: Mapping[str, float],
    budget: int,
    similarity: Similarity | None,
) -> tuple[Passage, Stretch]:
    best, chosen, found = float("-inf"), compared[0], Stretch("")
    for passage in compared:
        amount, stretch = best_stretch(query, passage, weights, budget, similarity)
        amount += FIRST_BONUS * (passage is compared[0])
        if amount > best:
            best, chosen, found = amount, passage, stretch
    return chosen, found


def _emphasis(passage: Passage) -> str:
    title = re.sub(r"[*_\[\]`]", "", passage.title).strip()
    return f"*{title}*" if title else ""


def _quoted(stretch: Stretch) -> str:
    said = f"{stretch.lead_in}\n\n{stretch.quote}" if stretch.lead_in else stretch.quote
    # Addresses relative to the page's own site lead nowhere from here; their words stay.
    text, _ = strip_links(said, urls_in(said))
    text = _HEADING.sub(r"**\1**", text)
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

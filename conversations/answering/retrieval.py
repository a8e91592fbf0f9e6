"""Stage: the passages this reader may see. A failing search is an empty one, and says so.

The search is not given the rewritten text but the turns themselves: their vectors mixed find more
than any text put together of them (docs/decisions/0017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from conversations.answering.language import language_of
from conversations.answering.leaning import leans_on_history
from conversations.answering.terms import terms
from conversations.answering.toolbox import Retrieve
from conversations.answering.values import Turn
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.errors import ProviderError

# Enough to quote three pages when one page takes the first places.
SEARCHED = 12
# Earlier turns of the customer that count, and how much of each is looked at.
EARLIER_TURNS = 2
LONGEST_TURN = 400
# So far may the best page in the customer's language lie behind the best one at all (fused scores).
BEHIND_ANY = 0.25
# One word, such as "en", is in several languages.
TELLING_WORDS = 2


def query_of(text: str, history: Sequence[Turn]) -> Query:
    """Return what is searched for: the question, and what the customer asked before it."""
    asked = [turn.text for turn in history if turn.role == "customer" and turn.text != text]
    telling = [earlier[:LONGEST_TURN] for earlier in reversed(asked) if terms(earlier)]
    return Query(text, tuple(telling[:EARLIER_TURNS]), leans=leans_on_history(text))


def find(query: Query, reader: Reader, retrieve: Retrieve) -> Retrieved:
    """Search, and leave out passages that lie within a better one of the same page."""
    try:
        found = retrieve(query, reader, SEARCHED)
    except ProviderError as error:
        return Retrieved((), degraded=type(error).__name__)
    return Retrieved(
        _without_repeats(found.passages), found.degraded, found.timings_ms, found.corrected
    )


def in_language_of(text: str, found: Retrieved) -> Retrieved:
    """Leave out pages in other languages where one in the text's own was found nearly as well.

    Translations of one page else stand beside it as if nothing stood out, and are quoted too.
    """
    language = language_of(text, default="", least_words=TELLING_WORDS)
    own = tuple(one for one in found.passages if _speaks(one, language))
    if not language or not own or len(own) == len(found.passages):
        return found
    best = max(passage.score for passage in found.passages)
    near = max(passage.score for passage in own) >= best - BEHIND_ANY
    return replace(found, passages=own) if near else found


def _speaks(passage: Passage, language: str) -> bool:
    return passage.language[:2] in ("", language)


def _without_repeats(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    kept: list[Passage] = []
    for passage in passages:
        if not any(_within(passage, other) for other in kept):
            kept.append(passage)
    return tuple(kept)


def _within(passage: Passage, other: Passage) -> bool:
    return passage.document == other.document and passage.text.strip() in other.text

"""Which piece of a page says most about a question, by its words and by its meaning.

On 149 support questions with reference answers (half of them used for these constants, the other
half in brackets) the words of the quotations had F1 .335 (.294) with the reference and a cosine
of .663 (.599); chosen by words alone .320 (.286) and .644 (.595).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import sqrt

from conversations.answering.stretches import (
    Piece,
    Stretch,
    is_navigation,
    leads_into_list,
    split,
    stretch_around,
)
from conversations.answering.terms import terms
from knowledge.retrieval.values import Passage

# The cosine of a query to each text. Raises ProviderError.
Similarity = Callable[[str, Sequence[str]], Sequence[float]]
# What the words in common add to the cosine.
WORDS_WEIGHT = 0.15
# Who asks how to do something wants the steps, if the page has some.
STEPS_BONUS = 0.25
# A question in a page is seldom its own answer.
QUESTION_FACTOR = 0.5
# Navigation, and a line that announces what is not there.
NEVER = -1.0
_HOW = re.compile(
    r"\bhow (?:do|does|can|could|should|would|to)\b|\bsteps\b"
    r"|\bwie (?:kann|könnte|muss|soll|\w+e) ich\b|\bcómo\b|\bcomment\b",
    re.IGNORECASE,
)
_STEP = re.compile(r"^\s*\d{1,3}[.)]\s")


def best_stretch(
    query: str,
    passage: Passage,
    weights: Mapping[str, float],
    budget: int,
    similarity: Similarity | None = None,
) -> tuple[float, Stretch]:
    """Return the stretch that says most, about `budget` characters at most, and how much it says.

    `weights` tell rare words from common ones. The amounts compare within one search. Raises
    ProviderError when `similarity` does.
    """
    text, pieces = passage.text, split(passage.text)
    if not pieces:
        return NEVER, Stretch(text.strip()[:budget])
    amounts = _amounts(query, passage, pieces, weights, similarity)
    best = amounts.index(max(amounts))
    return amounts[best], stretch_around(passage, pieces, best, budget)


def compared_texts(passage: Passage) -> list[str]:
    """Return what `best_stretch` asks the similarity of: pieces under their heading, and it."""
    pieces = split(passage.text)
    return _under(_about(passage), _texts(passage, pieces)) if pieces else []


def by_words(text: str, query: str, weights: Mapping[str, float]) -> float:
    """Return how many of the query's words a text holds, rare ones counting more."""
    said = terms(text)
    if not said:
        return 0.0
    shared = set(said) & set(terms(query))
    # Longer pieces hold more words by chance; the root keeps full sentences ahead of fragments.
    return sum(weights.get(term, 1.0) for term in shared) / sqrt(len(said) + 8)


def _amounts(
    query: str,
    passage: Passage,
    pieces: Sequence[Piece],
    weights: Mapping[str, float],
    similarity: Similarity | None,
) -> list[float]:
    texts, about = _texts(passage, pieces), _about(passage)
    amounts = [by_words(text, query, weights) for text in (*texts, about)]
    if similarity is not None:
        meant = similarity(query, _under(about, texts))
        pairs = zip(meant, amounts, strict=True)
        amounts = [near + WORDS_WEIGHT * shared for near, shared in pairs]
    *amounts, of_heading = amounts
    wants_steps = bool(_HOW.search(query))
    if wants_steps:
        # Steps answer what their heading names, even where no step says it again.
        amounts = [
            max(amount, of_heading) if _STEP.match(text) else amount
            for amount, text in zip(amounts, texts, strict=True)
        ]
    return [
        _adjusted(amount, texts, pieces, index, wants_steps=wants_steps)
        for index, amount in enumerate(amounts)
    ]


def _texts(passage: Passage, pieces: Sequence[Piece]) -> list[str]:
    return [passage.text[piece.start : piece.end] for piece in pieces]


def _about(passage: Passage) -> str:
    # A step or a sentence seldom names what it is about; its heading does.
    return passage.headings[-1] if passage.headings else passage.title


def _under(about: str, texts: Sequence[str]) -> list[str]:
    return [*(f"{about}: {text}" for text in texts), about]


def _adjusted(
    amount: float, texts: Sequence[str], pieces: Sequence[Piece], index: int, *, wants_steps: bool
) -> float:
    text, leads = texts[index], leads_into_list(pieces, index)
    if is_navigation(text) or (pieces[index].announces and not leads):
        return NEVER + amount / 10
    if text.endswith("?"):
        amount *= QUESTION_FACTOR
    is_step = bool(_STEP.match(texts[index + 1] if leads else text))
    return amount + STEPS_BONUS * (wants_steps and is_step)

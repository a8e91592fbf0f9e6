"""One wrong letter in a question is forgiven, by the words that the documents hold. Pure.

A word that no document holds is searched as those that are one edit away: a letter wrong, missing,
too many, or two exchanged (optimal string alignment distance 1). Words that the documents hold are
never changed, nor other words that people use, nor codes and numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import regex
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.retrieval.analysis import (
    LEAST_LETTERS,
    STOP_WORDS,
    folded,
    is_plain,
    stems_of,
)

_RUN = regex.compile(r"[\p{L}\p{N}]+(?:[-_./:@#'’][\p{L}\p{N}]+)*")
# The likeliest stands in the sentence that is embedded; the words of these are looked for.
MOST_NEAR = 3
# If fewer of the unknown words have a near one, the question is in another language or about
# something else, and a chance likeness means nothing.
LEAST_SHARE = 0.5


# Of misspellings 1 to 7 % have another first letter (Kukich 1992), so a word that has the same one
# is this much likelier than one that does not.
SAME_FIRST_LETTER = 10.0


class WordList:
    """The words of the documents and how many documents hold each. Any thread may use it."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts: dict[str, int] = {}
        self._stems: set[str] = set()
        self._by_length: dict[int, list[str]] = {}
        self.add(counts)

    def __len__(self) -> int:
        return len(self._counts)

    def add(self, counts: Mapping[str, int]) -> None:
        """Add words; those that are there already get a new count."""
        new: dict[int, list[str]] = {}
        for word in counts:
            if word not in self._counts:
                new.setdefault(len(word), []).append(word)
        self._counts.update(counts)
        self._stems.update(stems_of(counts))
        for length, words in new.items():
            # A new list: another thread may be looking through the old one.
            self._by_length[length] = [*self._by_length.get(length, ()), *words]

    def knows(self, word: str) -> bool:
        """Say whether a folded word, or another form of it, is in the documents."""
        return word in self._counts or word in STOP_WORDS or stems_of([word])[0] in self._stems

    def near(self, word: str) -> list[str]:
        """Return at most MOST_NEAR words one edit away, the likeliest first."""
        found: list[str] = []
        for length in (len(word) - 1, len(word), len(word) + 1):
            words = self._by_length.get(length, ())
            matches = process.extract(
                word, words, scorer=OSA.distance, score_cutoff=1, limit=None, processor=None
            )
            found += [match for match, _, _ in matches]
        found.sort(key=lambda other: (-self._likelihood(word, other), other))
        # Two forms of one word are one.
        by_stem = dict(zip(reversed(stems_of(found)), reversed(found), strict=True))
        likeliest = set(by_stem.values())
        return [other for other in found if other in likeliest][:MOST_NEAR]

    def _likelihood(self, word: str, other: str) -> float:
        return self._counts[other] * (SAME_FIRST_LETTER if other[0] == word[0] else 1.0)


@dataclass(frozen=True, slots=True)
class Correction:
    """A text with its misspelt words replaced by the likeliest near ones.

    `more` are words to be looked for besides: the ones replaced, and further near ones. `changes`
    are (as written, all words searched for it).
    """

    text: str
    more: str = ""
    changes: tuple[tuple[str, tuple[str, ...]], ...] = ()


def corrected(
    text: str, lists: Sequence[WordList], is_word: Callable[[str], bool] = lambda word: False
) -> Correction:
    """Replace the words that no list holds by those that are one letter away.

    The words of an earlier list come first. `is_word` says of a word that it is none misspelt
    though no list holds it.
    """
    unknown: dict[str, tuple[str, ...]] = {}
    for found in _RUN.finditer(text):
        word = _word(found)
        known = word in unknown or any(words.knows(word) for words in lists)
        if known or not _may_be_misspelt(word) or is_word(word):
            continue
        near_ones = dict.fromkeys(other for words in lists for other in words.near(word))
        unknown[word] = tuple(near_ones)[:MOST_NEAR]
    near = {word: others for word, others in unknown.items() if others}
    if not near or len(near) < LEAST_SHARE * len(unknown):
        return Correction(text)
    more = [word for written, others in near.items() for word in (written, *others[1:])]
    changes = tuple(near.items())
    return Correction(respelled(text, changes), " ".join(more), changes)


def respelled(text: str, changes: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """Return a text with the words replaced that a Correction changed in another one."""
    likeliest = {written: others[0] for written, others in changes}
    return _RUN.sub(lambda found: likeliest.get(_word(found), found.group()), text)


def _word(found: regex.Match[str]) -> str:
    return folded(found.group()).split("'")[0].split("’")[0]


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= LEAST_LETTERS and is_plain(word)

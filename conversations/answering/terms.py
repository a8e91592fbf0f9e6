"""The words of a text that carry its meaning, stemmed, so that texts can be compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import log
from threading import local

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Words too common to tell one passage from another, and the words questions are made of.
_STOP_WORDS_TEXT = """
a about after all also am an and any are as at be because been before being but by can could did
do does doing done each for from get give had has have having he help her here him his how i if
in into is it its just know let like make many may me more most much my need no not of on only
or other our out over own please same she should so some such tell than that the their them then
there these they this those through to too under up us use used using very want was way we were
what when where which while who whom why will with would you your aber als am auch auf aus bei
das dass dem den der des die durch ein eine einem einen einer es für hat ich im in ist kann
können man mein meine mit nicht noch oder sich sie sind so um und von war was wenn wie wird wo
zu zum zur au aux avec ce ces comment dans de des du elle en est et il je la le les leur ma mais
mes mon ne nous ou où par pas pour puis que quel quelle qui quoi sa se ses son sont sur un une
vous al como cómo con cuál cuando de del dónde el en es esta este la las lo los más me mi mis no
para pero por puedo que qué se si sin son su sus un una y
"""
STOP_WORDS = frozenset(_STOP_WORDS_TEXT.split())
_held = local()


def _stemmer() -> Stemmer.Stemmer:
    # A Stemmer object must not be used by two threads at once.
    if not hasattr(_held, "stemmer"):
        _held.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _held.stemmer
    return stemmer


def all_words(text: str) -> list[str]:
    """Return every word in lower case."""
    return [word.casefold() for word in _WORD.findall(text)]


def stems(words: list[str]) -> list[str]:
    """Return the stem of each word."""
    stemmed: list[str] = _stemmer().stemWords(words)
    return stemmed


def terms(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order, repeats kept."""
    return stems([word for word in all_words(text) if word not in STOP_WORDS])


def rarity(texts: Iterable[str]) -> Mapping[str, float]:
    """Return how much each term tells these texts apart: inverse document frequency, above 0."""
    counts: dict[str, int] = {}
    number = 0
    for text in texts:
        number += 1
        for term in set(terms(text)):
            counts[term] = counts.get(term, 0) + 1
    return {term: log(1 + number / count) for term, count in counts.items()}

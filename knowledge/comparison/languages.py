"""Which language a text is compared in. Of a short text, its small words tell more than guesses."""

from __future__ import annotations

import re

# Below this the detected language is not to be relied on.
SHORT_CHARACTERS = 400
_SMALL_WORDS = {
    "en": "the of to and is are you your we our in for with within on by can may must be it",
    "de": "der die das und ist sind sie ihr ihre wir unser in für mit innerhalb auf von kann zu",
    "fr": "le la les des du et est sont vous votre nous notre dans pour avec sur par peut au une",
    "es": "el la los las del y es son usted su nosotros en para con sobre por puede una se al",
}
_SETS = {language: frozenset(words.split()) for language, words in _SMALL_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, detected: str) -> str:
    """Return the two-letter language to compare a text in; empty when nobody can tell."""
    if len(text) >= SHORT_CHARACTERS:
        return detected[:2]
    words = [word.casefold() for word in _WORD.findall(text)]
    counts = {name: sum(word in small for word in words) for name, small in _SETS.items()}
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""

"""Guesses which of our languages a text is in: from its commonest words, or its letters."""

from __future__ import annotations

import re

_COMMON_TEXT = {
    "en": "the a is are to of and in how do does i my can what it for on with you where",
    "de": "der die das ist sind ich wie kann mein meine und zu nicht ein eine mit für wo auf den "
    "hallo danke bitte",
    "fr": "le la les est je comment mon ma mes et un une des pour avec où dans puis peux bonjour "
    "merci vous du",
    "es": "el la los es cómo como mi mis y un una para con dónde en puedo qué por hola gracias del",
    # None that Spanish or English has too: what they share does not tell.
    "pt": "não é são você vocês eu meu minha meus minhas seu sua seus suas um uma com da na nos "
    "nas dos das pelo pela ao aos até também já está estou isso este esta onde quando qual posso "
    "obrigado obrigada olá bom boa dia",
}
_COMMON = {name: frozenset(text.split()) for name, text in _COMMON_TEXT.items()}
_JAPANESE = "ja"
LANGUAGES = (*_COMMON, _JAPANESE)
# Hiragana and katakana: no other language has them.
_KANA = re.compile(r"[\u3041-\u30ff]")
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, default: str = "en", least_words: int = 1) -> str:
    """Return one of LANGUAGES; `default` when fewer than so many of its commonest words tell."""
    if _KANA.search(text):
        return _JAPANESE
    found = [word.casefold() for word in _WORD.findall(text)]
    scores = {name: sum(word in common for word in found) for name, common in _COMMON.items()}
    best = max(scores.values())
    winners = [name for name, score in scores.items() if score == best]
    return winners[0] if best >= least_words and len(winners) == 1 else default

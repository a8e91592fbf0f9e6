"""Text to BM25 vectors: terms, stems, term ids. Both sides of the search use this.

k1 = 1.2 and b = 0.75 are the usual BM25 constants (Robertson and Zaragoza 2009). The engine
multiplies by IDF. The average length is fixed so that a chunk's vector does not depend on the
other chunks; chunks have at most 256 word pieces, about 120 terms without stop words.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import mmh3
import regex
import Stemmer

from providers.vector_store.base import SparseVector

K1 = 1.2
B = 0.75
AVERAGE_TERMS = 120.0
MAX_QUERY_CHARACTERS = 8000

# Codes, paths, versions and addresses are terms of their own besides their parts.
_COMPOUND = regex.compile(r"[\p{L}\p{N}]+(?:[-_./:@#][\p{L}\p{N}]+)+")
_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’]\p{L}+)?")
_CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]+")
_STEMMERS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese",
    "it": "italian", "nl": "dutch", "sv": "swedish", "no": "norwegian", "da": "danish",
    "fi": "finnish", "ru": "russian", "hu": "hungarian", "ro": "romanian", "tr": "turkish",
}  # fmt: skip
STOP_WORDS = frozenset(
    """
    a an the and or but if then of to in on at by for with from as is are was were be been being
    do does did have has had i you he she it we they me my your his her its our their this that
    these those there here what which who whom how when where why can could should would will
    shall may might must not no so than too very just about into over under again out up down
    am im s t
    """.split()  # noqa: SIM905 - one word after the other is easier to read than a list
)


def terms(text: str, language: str = "en") -> Iterator[str]:
    """Yield the search terms of a text, in order, repeats included."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    for found in _COMPOUND.finditer(folded):
        yield found.group()
    stem = _stemmer(language)
    for found in _WORD.finditer(folded):
        word = found.group().split("'")[0].split("’")[0]
        if _CJK.search(word):
            yield from _character_pairs(word)
        elif word not in STOP_WORDS:
            yield stem(word)


def sparse_document(text: str, language: str = "en") -> SparseVector:
    """Return the saturated term frequencies of a chunk."""
    counts = Counter(terms(text, language))
    length = sum(counts.values())
    norm = K1 * (1 - B + B * length / AVERAGE_TERMS)
    return _vector({term: n * (K1 + 1) / (n + norm) for term, n in counts.items()})


def sparse_query(text: str, language: str = "en") -> SparseVector:
    """Return weight 1 for each distinct term of a question."""
    return _vector(dict.fromkeys(terms(text[:MAX_QUERY_CHARACTERS], language), 1.0))


def folded_words(text: str, language: str = "en") -> list[tuple[str, str]]:
    """Return (word as written, its stem) for each word in order, stop words included, folded.

    Scripts without blanks between words give one character a word.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    stem = _stemmer(language)
    found: list[tuple[str, str]] = []
    for match in _WORD.finditer(folded):
        word = match.group().split("'")[0].split("’")[0]
        if _CJK.search(word):
            found += [(character, character) for character in word]
        else:
            found.append((word, stem(word)))
    return found


def _vector(weights: dict[str, float]) -> SparseVector:
    by_id: dict[int, float] = {}
    for term, weight in weights.items():
        term_id = abs(mmh3.hash(term))
        by_id[term_id] = by_id.get(term_id, 0.0) + weight
    ordered = sorted(by_id)
    return SparseVector(tuple(ordered), tuple(by_id[term_id] for term_id in ordered))


def _character_pairs(word: str) -> Iterator[str]:
    if len(word) == 1:
        yield word
    for start in range(len(word) - 1):
        yield word[start : start + 2]


@lru_cache(maxsize=32)
def _stemmer_name(language: str) -> str:
    return _STEMMERS.get(language[:2].lower(), "english")


def _stemmer(language: str):  # type: ignore[no-untyped-def]
    # A Stemmer object keeps a cache that is not thread-safe; making one costs microseconds.
    return Stemmer.Stemmer(_stemmer_name(language)).stemWord

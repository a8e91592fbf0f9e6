"""Text to BM25 vectors: terms, stems, term ids. Both sides of the search use this.

k1 = 1.2 is the usual BM25 constant (Robertson and Zaragoza 2009); b = 0.3 instead of their 0.75,
because chunks are all about as long as the model takes, and a short one is mostly the end of a
longer text (docs/decisions/0017). The engine multiplies by IDF. The average length is fixed so that
a chunk's vector does not depend on the other chunks; chunks have at most 256 word pieces, about 120
terms without stop words.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import mmh3
import regex
import Stemmer

from providers.vector_store.base import SparseVector

K1 = 1.2
B = 0.3
ENGLISH = "en"
AVERAGE_TERMS = 120.0
MAX_QUERY_CHARACTERS = 8000
# What a term is worth that only the turn before, or the one before that, holds (0017).
EARLIER_WEIGHTS = (0.3, 0.15)

# Shorter words are one letter away from too many, longer ones are no words.
LEAST_LETTERS = 3
MOST_LETTERS = 30

# Codes, paths, versions and addresses are terms of their own besides their parts.
# Only where a run of letters begins: trying every letter of a long one takes its length squared.
_COMPOUND = regex.compile(r"(?<![\p{L}\p{N}])[\p{L}\p{N}]++(?:[-_./:@#][\p{L}\p{N}]++)+")
_WORD = regex.compile(r"[\p{L}\p{N}]+(?:['’]\p{L}+)?")
_CJK = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}]+")
_DIGIT = regex.compile(r"\p{N}")
# "24-hour", "2-step", "24/7", "10:30": amounts and times, which many pages hold.
_MEASURE = regex.compile(r"\p{N}{1,3}-\p{L}+|\p{N}{1,2}[/:]\p{N}{1,2}")
# Letters and at least two digits, or a long number: "e4711", "12ab9", "80070005". Not "s3", "mp3",
# "ipv6", nor a year or a price.
_CODE_WORD = regex.compile(
    r"(?<![\p{L}\p{N}]|[\p{L}\p{N}][\-_./:@#,'’])"
    r"(?:(?=\p{N}*\p{L})(?=(?:\p{L}*\p{N}){2})[\p{L}\p{N}]{4,}|\p{N}{5,})"
    r"(?![\p{L}\p{N}]|[\-_./:@#,][\p{L}\p{N}])"
)
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


def folded(text: str) -> str:
    """Return a text as it is compared: one form of each character, no capitals."""
    return unicodedata.normalize("NFKC", text).casefold()


def terms(text: str, language: str = "en") -> Iterator[str]:
    """Yield the search terms of a text, in order, repeats included."""
    plain = folded(text)
    for found in _COMPOUND.finditer(plain):
        yield found.group()
    stem = _stemmer(language)
    for found in _WORD.finditer(plain):
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


def sparse_query(text: str, language: str = "en", earlier: Sequence[str] = ()) -> SparseVector:
    """Return weight 1 for each distinct term of a question.

    `earlier` are the customer's turns before it, the nearest first: terms that only they hold weigh
    EARLIER_WEIGHTS.
    """
    weights: dict[str, float] = {}
    for said, weight in zip((text, *earlier), (1.0, *EARLIER_WEIGHTS), strict=False):
        for term in terms(said[:MAX_QUERY_CHARACTERS], language):
            weights.setdefault(term, weight)
    return _vector(weights)


def sparse_codes(codes: Iterable[str]) -> SparseVector:
    """Return weight 1 for each of these terms."""
    return _vector(dict.fromkeys(codes, 1.0))


def codes_in(text: str, language: str = "en") -> tuple[str, ...]:
    """Return the terms of a text that stand for one thing only: error codes, article numbers,
    versions, paths, names_with_underscores. They are as `terms` gives them, each once.
    """
    stem = _stemmer(language)
    plain = folded(text[:MAX_QUERY_CHARACTERS])
    found: dict[str, None] = {}
    for match in _COMPOUND.finditer(plain):
        compound = match.group()
        rooted = plain[: match.start()].endswith("/")
        if _is_code(compound, rooted=rooted):
            found[compound] = None
    for match in _CODE_WORD.finditer(plain):
        if not _CJK.search(match.group()):
            found[stem(match.group())] = None
    return tuple(found)


def _is_code(compound: str, *, rooted: bool) -> bool:
    if _DIGIT.search(compound):
        return not _MEASURE.fullmatch(compound)
    # "/etc/hosts" and "docs/setup/first" are paths, "and/or" is none.
    return "_" in compound or compound.count("/") >= (1 if rooted else 2)


def folded_words(text: str, language: str = "en") -> list[tuple[str, str]]:
    """Return (word as written, its stem) for each word in order, stop words included, folded.

    Scripts without blanks between words give one character a word.
    """
    plain = folded(text)
    stem = _stemmer(language)
    found: list[tuple[str, str]] = []
    for match in _WORD.finditer(plain):
        word = match.group().split("'")[0].split("’")[0]
        if _CJK.search(word):
            found += [(character, character) for character in word]
        else:
            found.append((word, stem(word)))
    return found


def plain_words(text: str) -> Iterator[str]:
    """Yield the words of letters alone that tell something, as written, folded, repeats included.

    Not codes, numbers, stop words, nor scripts without blanks between words.
    """
    plain = folded(text)
    for found in _WORD.finditer(plain):
        word = found.group().split("'")[0].split("’")[0]
        if len(word) >= LEAST_LETTERS and word not in STOP_WORDS and is_plain(word):
            yield word


def is_plain(word: str) -> bool:
    """Say whether a folded word is one of letters that may be misspelt."""
    return len(word) <= MOST_LETTERS and word.isalpha() and not _CJK.search(word)


def stems_of(words: Iterable[str], language: str = "en") -> list[str]:
    """Return the stem of each folded word."""
    stem = _stemmer(language)
    return [stem(word) for word in words]


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

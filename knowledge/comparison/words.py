"""The words of a statement, brought to concepts: one for words that mean the same to customers.

The tables are in vocabulary.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

import Stemmer
import yaml

_VOCABULARY = yaml.safe_load((files(__package__) / "vocabulary.yaml").read_text("utf-8"))
FUNCTION_WORDS = frozenset(
    word for words in _VOCABULARY["function_words"].values() for word in words.split()
)
_SAME: dict[str, list[str]] = {
    name: [term.strip() for term in terms.split(",")] for name, terms in _VOCABULARY["same"].items()
}
_STEMMERS = {"en": "english", "de": "german", "fr": "french", "es": "spanish"}
_WORD = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*")
_SITE = re.compile(r"(?<=\w)\.(?:com|org|net|gov|io|de|fr|es|eu)$")
_SPACES = re.compile(r"\s+")
# "send the goods back", "pay you back", "sign users out": the verb and its particle apart.
_BACK = re.compile(r"\b(send|sends|sent|sending|bring|give|pay|paid|get)\s((?:\S+\s){1,3}?)back\b")
_BACK_NAMES = {"pay": "refund", "paid": "refund", "get": "refund"}
_OUT = re.compile(r"\b(?:sign|log)(?:s|ged)?\s(\S+\s){1,2}?out\b")
Sides = Mapping[str, list[tuple[int, int]]]


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    # A Stemmer object must not be used by two threads at once; making one costs microseconds.
    return str(Stemmer.Stemmer(_STEMMERS.get(language[:2], "english")).stemWord(word))


def _is_phrase(term: str) -> bool:
    return " " in term or "-" in term


_CONCEPTS = {
    _stem(term, "en"): name
    for name, terms in _SAME.items()
    for term in (name, *terms)
    if not _is_phrase(term)
}
_PHRASE_NAMES = {term: name for name, terms in _SAME.items() for term in terms if _is_phrase(term)}
_LONGEST_FIRST = sorted(_PHRASE_NAMES, key=len, reverse=True)
_PHRASES = re.compile(rf"\b(?:{'|'.join(map(re.escape, _LONGEST_FIRST))})\b(?!\.\w)")


def concept(word: str, language: str = "en") -> str:
    """Return what a word stands for: its stem, or the name of its group of synonyms."""
    folded = word.casefold().replace("’", "'").removesuffix("'s")
    name = _SITE.sub("", folded)
    if name != folded and _stem(name, language) in _CONCEPTS:
        return folded  # A site that is called Login is not a login.
    stem = _stem(name, language)
    return _CONCEPTS.get(stem, stem)


def concepts(text: str, language: str = "en") -> list[str]:
    """Return the concepts of a text in order, without words that carry no meaning."""
    return list(_concepts(text, language))


def _concepts(text: str, language: str) -> Iterator[str]:
    folded = _SPACES.sub(" ", text.casefold().replace("’", "'"))
    if language[:2] not in ("de", "fr", "es"):
        folded = _BACK.sub(
            lambda found: f"{_BACK_NAMES.get(found[1], 'return')} {found[2]}", folded
        )
        folded = _OUT.sub(r"signout \1", folded)
        folded = _PHRASES.sub(lambda found: _PHRASE_NAMES[found.group()], folded)
    for word in _WORD.findall(folded):
        if word not in FUNCTION_WORDS:
            yield concept(word, language)


def _sides(lines: Iterable[str]) -> Sides:
    """Return for each word the sets it belongs to and its side there."""
    table: dict[str, list[tuple[int, int]]] = {}
    for number, line in enumerate(lines):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                table.setdefault(concept(word), []).append((number, side))
    return table


_STRICT_SIDES = _sides(_VOCABULARY["contrasts"])
_LOOSE_SIDES = _sides(_VOCABULARY["loose_contrasts"])
_MARKED = frozenset(map(concept, _VOCABULARY["marked"].split()))


def exclude(first: frozenset[str], second: frozenset[str]) -> bool:
    """Say whether two sets of concepts are about customers, plans or places that differ."""
    return _exclude(_STRICT_SIDES, first, second)


def exclude_loosely(first: frozenset[str], second: frozenset[str]) -> bool:
    """Say whether two sentences' concepts exclude each other: upload and download."""
    return _exclude(_LOOSE_SIDES, first, second)


def _exclude(table: Sides, first: frozenset[str], second: frozenset[str]) -> bool:
    one, other = _touched(table, first), _touched(table, second)
    return any(not (sides & other[number]) for number, sides in one.items() if number in other)


def _touched(table: Sides, words: frozenset[str]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for word in words:
        for number, side in table.get(word, ()):
            found.setdefault(number, set()).add(side)
    return found


def marked(words: frozenset[str]) -> frozenset[str]:
    """Return the words that tell a special case from the ordinary one."""
    return words & _MARKED

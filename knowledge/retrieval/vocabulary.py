"""The operator's words, compiled: what customers say and what the documents say. Pure.

A query that holds a customer's word is also searched with the product's term, and the other way
round. Phrases are compared word by word: by stem where they mean the same as others, as written
where a term is to be kept as it is. The longest phrase counts; what is added is not looked up
again, so that one entry never leads on to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import regex

from knowledge.retrieval.analysis import folded_words
from knowledge.retrieval.values import Passage

Phrase = tuple[str, ...]
# What a passage gains that holds a product term of the query as it is written, on the scale of
# the fused score (docs/decisions/0015-words-access-and-reminders.md).
KEPT_LIFT = 0.15
# What may stand between the words of one name: "Sign-in Plus", "AT&T", "Node.js", but no comma and
# no end of a sentence.
_BETWEEN = r"(?:[\s\p{Pd}_/&+'’·.]|\s[\p{Pd}&+/]\s)?"


@dataclass(frozen=True, slots=True)
class Entry:
    """The product's term and the customers' words for it. Without any it is a term to keep."""

    term: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expanded:
    """A query as it is searched.

    `dense` is embedded, the words of `sparse` are looked for; `kept` are the product terms in it,
    to be found as they are written.
    """

    dense: str
    sparse: str
    kept: tuple[str, ...] = ()


@dataclass(slots=True)
class _Meaning:
    """What a phrase stands for: product terms, customers' words, and terms written like this."""

    terms: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    kept: dict[Phrase, str] = field(default_factory=dict)

    def holds_for(self, written: Phrase) -> bool:
        """Say whether it means anything in these very words."""
        return bool(self.terms or self.words or written in self.kept)


class Vocabulary:
    """Entries, ready to be applied to queries. Not changed once made, so any thread may use it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._phrases: dict[Phrase, _Meaning] = {}
        for entry in entries:
            term = self._meaning_of(entry.term)
            term.kept[words_of(entry.term)] = entry.term
            term.words += entry.synonyms
            for synonym in entry.synonyms:
                self._meaning_of(synonym).terms.append(entry.term)
        self._phrases.pop((), None)
        self._longest = max(map(len, self._phrases), default=0)

    def expand(self, query: str) -> Expanded:
        """Return the query with what means the same. Without any it is the query itself."""
        said = folded_words(query)
        terms: dict[str, None] = {}
        words: dict[str, None] = {}
        kept: dict[str, None] = {}
        for written, meaning in self._found(said):
            terms |= dict.fromkeys(meaning.terms)
            words |= dict.fromkeys(meaning.words)
            kept |= dict.fromkeys(term for key, term in meaning.kept.items() if key == written)
        stems = tuple(stem for _, stem in said)
        added = [term for term in terms if not _within(_stems(term), stems)]
        return Expanded(
            dense=" ".join([query, *added]),
            sparse=" ".join([query, *(added + list(words))]),
            kept=tuple(kept | terms),
        )

    def _meaning_of(self, phrase: str) -> _Meaning:
        return self._phrases.setdefault(_stems(phrase), _Meaning())

    def _found(self, said: Sequence[tuple[str, str]]) -> Iterator[tuple[Phrase, _Meaning]]:
        """Yield the phrases that stand in the words, the longest at each place, none twice."""
        written, stems = tuple(word for word, _ in said), tuple(stem for _, stem in said)
        place = 0
        while place < len(said):
            for end in range(min(place + self._longest, len(said)), place, -1):
                meaning = self._phrases.get(stems[place:end])
                if meaning is not None and meaning.holds_for(written[place:end]):
                    yield written[place:end], meaning
                    place = end
                    break
            else:
                place += 1


def lifted(passages: Sequence[Passage], kept: Sequence[str]) -> list[Passage]:
    """Return passages in order, those higher that hold a product term as it is written."""
    if not kept:
        return list(passages)
    patterns = [_pattern(term) for term in kept]

    def worth(passage: Passage) -> float:
        said = f"{passage.title} {passage.heading} {passage.text}"
        return passage.score + KEPT_LIFT * any(pattern.search(said) for pattern in patterns)

    return sorted(passages, key=worth, reverse=True)


def _within(phrase: Phrase, words: Phrase) -> bool:
    size = len(phrase)
    return any(words[at : at + size] == phrase for at in range(len(words) - size + 1))


def _stems(phrase: str) -> Phrase:
    return tuple(stem for _, stem in folded_words(phrase))


def words_of(phrase: str) -> Phrase:
    """Return a phrase's words as they are compared: folded, without what stands between them."""
    return tuple(word for word, _ in folded_words(phrase))


def _pattern(term: str) -> regex.Pattern[str]:
    words = _BETWEEN.join(regex.escape(word) for word in words_of(term))
    return regex.compile(rf"(?<![\p{{L}}\p{{N}}]){words}(?![\p{{L}}\p{{N}}])", regex.IGNORECASE)

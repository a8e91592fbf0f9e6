"""The statements of a document that carry a value, with what the value is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.comparison import surroundings as around
from knowledge.comparison.amounts import values_in
from knowledge.comparison.clock import weekdays
from knowledge.comparison.numbers import SPELT_NUMBERS
from knowledge.comparison.sentences import Sentence, plain, sentences_of
from knowledge.comparison.values import Kind, Value
from knowledge.comparison.words import concept, concepts

# A page of figures is a table or a report, which nobody reads against another one by hand.
MOST_STATEMENTS = 200
_HAS_VALUE = re.compile(
    rf"\d|\b(?:{SPELT_NUMBERS}|half|once|twice|noon|midnight|clock|"
    r"(?:an?|ein\w*|une?|una) (?:second|minut|hour|day|week|month|year|stunde|tag|woche|monat|jahr|"
    r"heure|jour|semaine|mois|an|hora|día|semana|mes|año)\w*)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\w+|\S+\.(?:com|org|gov|net|io)/\S*")
_PRONOUN = re.compile(r"^(?:it|they|this|that|these|those|he|she)\b", re.IGNORECASE)
# A statement with fewer words of its own is about what stands above it.
FEW_WORDS = 3
_WORD = re.compile(r"[^\W_]+")
_TITLE_WORD = re.compile(r"\b[A-Z][\w+]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a document below one heading path. `id` is the chunk's."""

    id: str
    headings: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """A document as it is compared. `language` may be empty: unknown."""

    id: str
    title: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A sentence and one of its values; `others` are the rest of them.

    For comparing: `frame` is the sentence with a gap for the value, `about` title and heading.
    Concepts: `said` in the sentence near the value, `words` these and what a short sentence leans
    on, `context` of title, headings, lead-in and the rest of the sentence; `condition` of a clause
    that limits it, `names` the proper names, `subject` the names in the document's title, `anchor`
    the first one behind the value ("14 days after *delivery*"). `days` are the weekdays, 0 for
    Monday. `group` tells the list or paragraph, `row` the row and column of a table.
    """

    document: str
    language: str
    piece: str
    text: str
    value: Value
    others: tuple[Value, ...]
    frame: str
    about: str
    said: frozenset[str]
    words: frozenset[str]
    context: frozenset[str]
    condition: frozenset[str]
    names: frozenset[str]
    days: frozenset[int]
    subject: frozenset[str]
    anchor: str
    group: tuple[str, int]
    row: str
    is_item: bool


def statements_of(page: Page) -> list[Statement]:
    """Return the statements with a value, in order, at most MOST_STATEMENTS."""
    found: list[Statement] = []
    subject = _subject(page)
    for piece in page.pieces:
        above = [page.title, *(heading for heading in piece.headings if heading != page.title)]
        for sentence in sentences_of(piece.text):
            if _HAS_VALUE.search(sentence.text):
                found.extend(_statements(page, piece, tuple(above), sentence, subject))
        if len(found) >= MOST_STATEMENTS:
            break
    return found[:MOST_STATEMENTS]


def _statements(
    page: Page, piece: Piece, above: Sequence[str], sentence: Sentence, subject: frozenset[str]
) -> Iterator[Statement]:
    # An address keeps its place, so that the spans of values stay right.
    text = _ADDRESS.sub(lambda address: "·" * len(address.group()), sentence.text)
    values = values_in(text, page.language)
    if not values:
        return
    rest = around.without(text, values)
    everything = frozenset(concepts(rest, page.language))
    leant_on = _leant_on(sentence, everything, page.language)
    before = frozenset(concepts(leant_on, page.language)[-around.NEAREST :])
    known_as = " ".join((*map(plain, above), sentence.lead))
    above_words = frozenset(concepts(known_as, page.language))
    # Every German noun is written large, and so is every header of a table.
    named = page.language[:2] != "de" and not sentence.row
    names = frozenset(around.names(rest, page.language)) if named else frozenset()
    days = weekdays(text)
    for value in values:
        said = around.words_near(text, values, value, page.language)
        words = said | before | around.told_by(value, days)
        yield Statement(
            document=page.id,
            language=page.language,
            piece=piece.id,
            text=sentence.text,
            value=value,
            others=tuple(other for other in values if other is not value),
            frame=f"{leant_on} {around.frame(text, values, value)}".strip(),
            about=". ".join(plain(heading) for heading in (above[0], *above[1:][-1:])),
            said=said,
            words=words,
            context=above_words | everything - words,
            condition=frozenset(around.condition(text, value, page.language)),
            names=names & words if value.kind == Kind.PHONE else names,
            days=days,
            subject=subject,
            anchor=next(iter(concepts(text[value.end :], page.language)), ""),
            group=(piece.id, sentence.group),
            row=sentence.row,
            is_item=sentence.is_item,
        )


def _leant_on(sentence: Sentence, words: frozenset[str], language: str) -> str:
    """Return the sentence before where this one says too little: "It expires after a day"."""
    if sentence.row or not (_PRONOUN.search(sentence.text) or len(words) < FEW_WORDS):
        return ""
    before = sentence.before
    return " ".join(around.without(before, values_in(before, language)).split())


def _subject(page: Page) -> frozenset[str]:
    """Return the names in a title: words that the text writes large in mid-sentence, never small.

    "Sky Blue Account: fees" is about Sky Blue; "Return Window" is about no name.
    """
    large = {word for word in _TITLE_WORD.findall(page.title) if not word.isupper()}
    if not large or page.language[:2] == "de":
        return frozenset()
    text = "\n".join(piece.text for piece in page.pieces)
    small = set(_WORD.findall(text))
    inside = {word for word in large if re.search(rf"(?<=[a-z,] ){re.escape(word)}\b", text)}
    return frozenset(
        concept(word, page.language) for word in inside if word.casefold() not in small
    )

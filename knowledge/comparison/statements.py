"""The statements of a document that carry a value, with what the value is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from knowledge.comparison.amounts import values_in
from knowledge.comparison.numbers import SPELT_NUMBERS, value_of
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
# Up to the comma or the end, and only where it does not hold the value itself.
_CONDITION = re.compile(
    r"\b(?:if|when|unless|in case|as long as|provided|wenn|falls|sofern|si|lorsque|cuando)\b"
    r"[^,.;]*",
    re.IGNORECASE,
)
# "Room B", "size S"
_LABEL = re.compile(r"(?<=[a-z]\s)[B-HJ-Z]\b(?!['’.])|(?<=\w\s)[A-Z](?=\s[a-z])")
_NAME = re.compile(
    r"(?<![.!?:\"“]\s)(?<=\S\s)(?:[A-Z][\w+]*(?:\.\w+)*|[a-z]+[A-Z]\w*)|\b[A-Z]{2,}\b"
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = rf"({'|'.join(_DAYS)}|{'|'.join(day[:3] for day in _DAYS)})s?\b\.?"
_DAY_NAMES = re.compile(rf"\b{_DAY}(?:\s?(?:-|–|to|through|until)\s?{_DAY})?", re.IGNORECASE)
_PRONOUN = re.compile(r"^(?:it|they|this|that|these|those|he|she)\b", re.IGNORECASE)
# A statement with fewer words of its own is about what stands above it.
FEW_WORDS = 3
# "If you choose this option": the text before says which, not the condition.
_THIS = re.compile(r"\b(?:this|that|these|those|so)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_TITLE_WORD = re.compile(r"\b[A-Z][\w+]+")
_GAP = "…"
# What stands in the gap for the model, which reads whole sentences best.
_GAPS = {
    Kind.DURATION: "some time",
    Kind.PRICE: "some money",
    Kind.PERCENTAGE: "some percent",
    Kind.SIZE: "some megabytes",
    Kind.HOURS: "certain hours",
    Kind.DATE: "a certain date",
    Kind.AGE: "a certain age",
    Kind.PHONE: "a phone number",
}
_CALLING = frozenset(map(concept, ("phone", "call", "contact", "reach", "number", "at", "dial")))
# Concepts to each side of a value that say what it is about; of a phone number, before it.
NEAREST = 6
NEAREST_FOR_PHONE = 3
_OURS = re.compile(r"\b(?:us|our|ours|uns|unser\w*|nous|notre)\b(?:\W+\w+){0,6}\W*$", re.IGNORECASE)
# The same in words, for the sentence whose vector is taken.
FRAME_WORDS = 12
FRAME_WORDS_OF_PHONE = 6


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
    """A sentence and one of its values.

    `frame` is the sentence with a gap for the value; `said` its concepts near the value, `words`
    those and what a short sentence leans on, `context` those of title, headings and lead-in; `condition` those of a clause that limits it; `names` its proper
    names; `days` the weekdays it speaks of, 0 for Monday; `anchor` the first concept behind the
    value ("14 days after *delivery*"); `subject` the names in the document's title; `row` that of a
    table.
    """

    document: str
    language: str
    piece: str
    text: str
    value: Value
    frame: str
    about: str
    words: frozenset[str]
    said: frozenset[str]
    context: frozenset[str]
    condition: frozenset[str]
    names: frozenset[str]
    days: frozenset[int]
    group: tuple[str, int]
    subject: frozenset[str]
    row: str = ""
    anchor: str = ""
    is_item: bool = False
    others: tuple[Value, ...] = field(default=())


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
    searched = _ADDRESS.sub(lambda address: "·" * len(address.group()), sentence.text)
    values = values_in(searched, page.language)
    if not values:
        return
    rest = _without(searched, values)
    everything = frozenset(concepts(rest, page.language))
    known_as = " ".join((*map(plain, above), sentence.lead))
    # "It expires after ten minutes", "Please try again in an hour": said by the sentence before.
    leans = bool(_PRONOUN.search(sentence.text)) or len(everything) < FEW_WORDS
    leant_on = sentence.before if leans and not sentence.row else ""
    leant_on = " ".join(_without(leant_on, values_in(leant_on, page.language)).split())
    before = frozenset(concepts(leant_on, page.language)[-NEAREST:])
    # Every German noun is written large, and so is every header of a table.
    named = page.language[:2] != "de" and not sentence.row
    names = frozenset(_names(rest, page.language)) if named else frozenset()
    days = weekdays(searched)
    above_words = frozenset(concepts(known_as, page.language))
    for value in values:
        said = _words_near(searched, values, value, page.language)
        words = said | before | _told_by(value, days)
        yield Statement(
            document=page.id,
            language=page.language,
            piece=piece.id,
            text=sentence.text,
            value=value,
            frame=f"{leant_on} {_frame(searched, values, value)}".strip(),
            about=". ".join(plain(heading) for heading in (above[0], *above[1:][-1:])),
            words=words,
            said=said,
            context=above_words | everything - words,
            condition=frozenset(_condition(searched, value, page.language)),
            names=names & words if value.kind == Kind.PHONE else names,
            days=days,
            group=(piece.id, sentence.group),
            subject=subject,
            row=sentence.row,
            is_item=sentence.is_item,
            anchor=next(iter(concepts(searched[value.end :], page.language)), ""),
            others=tuple(other for other in values if other is not value),
        )


def _told_by(value: Value, days: frozenset[int]) -> set[str]:
    """Return what a value itself tells of its subject, as if they were words."""
    if value.kind == Kind.HOURS and days:
        return {"on " + "".join(map(str, sorted(days)))}
    if value.kind == Kind.AGE:
        return {"old"}
    if value.kind == Kind.VERSION:
        return {value.unit, f"version of {value.unit}"}
    return set()


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


def _counted(value: Value, language: str) -> list[str]:
    """Return the words that belong to a number: what it counts is what it is about."""
    if value.kind != Kind.NUMBER or not value.unit:
        return []
    written = _WORD.findall(value.shown)
    words = " ".join(word for word in written if value_of(word, language) is None)
    return [value.unit, *concepts(words, language)]


def _words_near(text: str, values: Sequence[Value], value: Value, language: str) -> frozenset[str]:
    """Return the concepts around a value: of a long sentence, those that are nearest to it."""
    before = [other for other in values if other.end <= value.start]
    left = concepts(_without(text[: value.start], before), language)
    right = concepts(_without(text[value.end :], _moved(values, value.end)), language)
    if value.kind == Kind.PHONE:
        ours = {"us"} if _OURS.search(text[: value.start]) else set()
        return frozenset((*_whose_number(left, ours=bool(ours)), *ours))
    keep_left = max(NEAREST, 2 * NEAREST - len(right))
    keep_right = max(NEAREST, 2 * NEAREST - len(left))
    return frozenset((*left[-keep_left:], *right[:keep_right], *_counted(value, language)))


def _whose_number(left: list[str], *, ours: bool) -> list[str]:
    """Return whom one reaches: "if you cannot sign in, call our *contact center* at"."""
    calls = [index for index, word in enumerate(left) if word in _CALLING]
    behind = left[calls[-1] + 1 :] if calls else left
    before = [] if ours else [word for word in left if word not in _CALLING]
    return (behind or before)[-NEAREST_FOR_PHONE:]


def _without(text: str, values: Iterable[Value]) -> str:
    for value in sorted(values, key=lambda value: -value.start):
        text = f"{text[: value.start]} {_GAP} {text[value.end :]}"
    return text


def _frame(text: str, values: Sequence[Value], value: Value) -> str:
    """Return the sentence with gaps for its values; of a long one, what is near the value."""
    left = _without(text[: value.start], [v for v in values if v.end <= value.start]).split()
    right = _without(text[value.end :], _moved(values, value.end)).split()
    most_left, most_right = (
        (FRAME_WORDS_OF_PHONE, 0) if value.kind == Kind.PHONE else (FRAME_WORDS, FRAME_WORDS)
    )
    kept_left = left[-max(most_left, 2 * most_left - len(right)) :]
    gap = _GAPS.get(value.kind, _GAP)
    if value.kind == Kind.NUMBER:
        gap = " ".join((_GAP, *_WORD.findall(value.shown)[1:]))
    return " ".join((*kept_left, gap, *right[: max(most_right, 2 * most_right - len(left))]))


def _moved(values: Iterable[Value], by: int) -> list[Value]:
    behind = (value for value in values if value.start >= by)
    return [replace(value, start=value.start - by, end=value.end - by) for value in behind]


def _condition(text: str, value: Value, language: str) -> list[str]:
    if value.kind == Kind.PHONE:
        return []
    for found in _CONDITION.finditer(text):
        points_back = _THIS.search(found.group())
        holds_value = found.start() <= value.start < found.end()
        # "21 days after the date when you asked": what it counts from, not when it holds.
        anchors = bool(value.side) and found.start() >= value.end
        if not points_back and not holds_value and not anchors:
            return concepts(_without(found.group(), values_in(found.group())), language)
    return []


def _names(text: str, language: str) -> Iterator[str]:
    for found in _NAME.finditer(text):
        word = found.group()
        if word.casefold()[:3] not in {day[:3] for day in _DAYS} and len(word) > 1:
            yield concept(word, language)


def weekdays(text: str) -> frozenset[int]:
    """Return the weekdays named in a text, those between "Monday to Friday" included."""
    found: set[int] = set()
    for match in _DAY_NAMES.finditer(text):
        first = _number(match[1])
        last = _number(match[2]) if match[2] else first
        span = range(first, last + 1) if first <= last else (*range(first, 7), *range(last + 1))
        found.update(span)
    return frozenset(found)


def _number(day: str) -> int:
    return next(i for i, name in enumerate(_DAYS) if name.startswith(day[:3].casefold()))

"""What stands around a value in its sentence and tells what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from knowledge.comparison.amounts import values_in
from knowledge.comparison.clock import weekdays
from knowledge.comparison.numbers import value_of
from knowledge.comparison.values import Kind, Value
from knowledge.comparison.words import concept, concepts

# Up to the comma or the end, and only where it does not hold the value itself.
_CONDITION = re.compile(
    r"\b(?:if|when|unless|in case|as long as|provided|wenn|falls|sofern|si|lorsque|cuando)\b"
    r"[^,.;]*",
    re.IGNORECASE,
)
# "If you choose this option": the text before says which, not the condition.
_THIS = re.compile(r"\b(?:this|that|these|those|so)\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<![.!?:\"“]\s)(?<=\S\s)(?:[A-Z][\w+]*(?:\.\w+)*|[a-z]+[A-Z]\w*)|\b[A-Z]{2,}\b"
)
_WORD = re.compile(r"[^\W_]+")
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


def told_by(value: Value, days: frozenset[int]) -> frozenset[str]:
    """Return what a value itself tells of its subject, as if they were words."""
    if value.kind == Kind.HOURS and days:
        return frozenset(("on " + "".join(map(str, sorted(days))),))
    if value.kind == Kind.AGE:
        return frozenset(("old",))
    if value.kind == Kind.VERSION:
        return frozenset((value.unit, f"version of {value.unit}"))
    return frozenset()


def _counted(value: Value, language: str) -> list[str]:
    """Return the words that belong to a number: what it counts is what it is about."""
    if value.kind != Kind.NUMBER or not value.unit:
        return []
    written = _WORD.findall(value.shown)
    words = " ".join(word for word in written if value_of(word, language) is None)
    return [value.unit, *concepts(words, language)]


def words_near(text: str, values: Sequence[Value], value: Value, language: str) -> frozenset[str]:
    """Return the concepts around a value: of a long sentence, those that are nearest to it."""
    before = [other for other in values if other.end <= value.start]
    left = concepts(without(text[: value.start], before), language)
    right = concepts(without(text[value.end :], _moved(values, value.end)), language)
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


def without(text: str, values: Iterable[Value]) -> str:
    """Return a text with gaps in the place of its values."""
    for value in sorted(values, key=lambda value: -value.start):
        text = f"{text[: value.start]} {_GAP} {text[value.end :]}"
    return text


def frame(text: str, values: Sequence[Value], value: Value) -> str:
    """Return the sentence with gaps for its values; of a long one, what is near the value."""
    left = without(text[: value.start], [v for v in values if v.end <= value.start]).split()
    right = without(text[value.end :], _moved(values, value.end)).split()
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


def condition(text: str, value: Value, language: str) -> list[str]:
    """Return the concepts of the clause under which a value holds: "if you paid by card"."""
    if value.kind == Kind.PHONE:
        return []
    for found in _CONDITION.finditer(text):
        points_back = _THIS.search(found.group())
        holds_value = found.start() <= value.start < found.end()
        # "21 days after the date when you asked": what it counts from, not when it holds.
        anchors = bool(value.side) and found.start() >= value.end
        if not points_back and not holds_value and not anchors:
            return concepts(without(found.group(), values_in(found.group())), language)
    return []


def names(text: str, language: str) -> Iterator[str]:
    """Yield the concepts of a sentence's proper names."""
    for found in _NAME.finditer(text):
        word = found.group()
        if len(word) > 1 and not weekdays(word):
            yield concept(word, language)

"""Finds sentences of a document that instruct the assistant instead of informing a customer.

Sentence by sentence and without a model: words are put into classes, patterns over the classes
carry weights, and each finding says why in one line. Time grows with the length of the text.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from guardrails.disguises import ciphered, closed_up, folded, payloads
from guardrails.instruction_patterns import MACROS, PATTERNS, THRESHOLD
from guardrails.instruction_reasons import IN_WORDS, Reason
from guardrails.instruction_words import WORDS
from guardrails.prompt_marks import MARKS
from guardrails.word_patterns import Patterns, tokens_of

# Four characters are an order in Chinese.
MIN_SENTENCE_CHARACTERS, MAX_SENTENCE_CHARACTERS = 4, 600
# What a piece of a longer sentence shares with the one before.
OVERLAP_CHARACTERS = 120
MAX_FINDINGS = 100

# A line break ends a sentence unless the next line goes on in small letters, or all in capitals.
# A full stop before a small letter ends one only after a whole word: not after `e.g.`.
_BREAK = re.compile(
    r"[.!?…。！？\n](?:(?<=[。！？])"
    r"|(?:(?<=\w{4}[.])|(?<=[!?…]))\s+|(?<=[.!?…])([\"'”’»)\]*_]{0,3})\s++(?![a-zà-ÿа-я])"
    r"|(?<=\n)(?:[ \t]*\n\s*|(?=[ \t]*(?:[^a-zA-Zà-ÿа-я\s]|[A-ZÀ-ÞА-Я](?![A-Z])))))"
)
# An order in the midst of another sentence, where a full stop is missing.
_RUN_ON = re.compile(
    r"(?<=[^\s.!?] )(?=(?:Ignore|Disregard|Forget|Override|Bypass|Pretend|Act|Mark|Close)\s)"
)
# So many two-digit words may be a text in hexadecimal.
FEWEST_BYTES = 8
# So many letters in a row that stand alone may be a word.
FEWEST_LETTERS = 6

_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalpha() or code > 127)
_CLOSED_UP_PARTS = (
    "ignore|disregard|forget|bypass",
    "all|any|the|your|my|of|these|those|every",
    "previous|prior|earlier|preceding|above",
    "instruction|instructions|directives|prompt|prompts|guidelines|rules",
)
_CLOSED_UP_WORDS = frozenset("|".join(_CLOSED_UP_PARTS).split("|"))
_CLOSED_UP = re.compile(
    "(?:{0})(?:(?:{1}){{1,3}}(?:{2})?|(?:{2}))(?:{3})".format(*_CLOSED_UP_PARTS).encode()
)

_RULES = tuple(
    (reason, weight, line.strip())
    for reason, weighted in PATTERNS.items()
    for weight, lines in weighted.items()
    for line in lines.splitlines()
    if line.strip()
)


@cache
def _patterns() -> Patterns:
    """Return the patterns, made when first needed: a process that reads no file never does."""
    return Patterns(WORDS, [pattern for _, _, pattern in _RULES], MACROS)


@cache
def _order_verbs() -> re.Pattern[str]:
    return _patterns().run_of("dismiss|override|pretend|actas|close")


@cache
def _letters_apart() -> re.Pattern[str]:
    return _patterns().run_of("letter", FEWEST_LETTERS)


@dataclass(frozen=True, slots=True)
class Instruction:
    """A sentence that instructs the assistant: its place in the text, why, and how surely.

    `score` is a sum of weights; from THRESHOLD (1.0) on a sentence is flagged.
    """

    start: int
    end: int
    reason: Reason
    score: float

    @property
    def why(self) -> str:
        """Return the reason in words that follow "this sentence"."""
        return IN_WORDS[self.reason]


def find_instructions(text: str) -> tuple[Instruction, ...]:
    """Return the flagged sentences in order, apart from each other, the first MAX_FINDINGS."""
    marks = _marks(text)
    lowered = text.lower() if text.isascii() else ""
    found: list[Instruction] = []
    for start, end in sentences(text):
        if end - start < MIN_SENTENCE_CHARACTERS:
            continue
        weights = _weights(text[start:end], lowered[start:end])
        if marks:
            _add_marks(weights, marks, start, end)
        score = round(sum(weights.values()), 2)
        if score >= THRESHOLD:
            reason = _main_reason(weights)
            if found and start < found[-1].end:
                found[-1] = replace(found[-1], end=end)
                continue
            found.append(Instruction(start, end, reason, score))
            if len(found) == MAX_FINDINGS:
                break
    found += _torn(text, found)
    return tuple(sorted(found, key=lambda one: one.start))


def instruction_score(text: str) -> float:
    """Return how much a message reads like orders to the assistant: the weights of its sentences.

    From THRESHOLD (1.0) on it is suspected. A sum, because long attacks are made of weak sentences.
    Of 450 texts (half of the development set) 208 of 307 attacks and 1 of 450 harmless texts reach
    it; of the other half 195 of 287 and 2 of 441.
    """
    marks = _marks(text)
    lowered = text.lower() if text.isascii() else ""
    total = 0.0
    for start, end in sentences(text):
        if end - start < MIN_SENTENCE_CHARACTERS:
            continue
        weights = _weights(text[start:end], lowered[start:end])
        if marks:
            _add_marks(weights, marks, start, end)
        total += sum(weights.values())
    return round(total + sum(one.score for one in _torn(text, [])), 2)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence without the white space around it."""
    start = 0
    for gap in _BREAK.finditer(text):
        yield from _pieces(text, start, max(gap.start() + 1, gap.end(1)))
        start = gap.end()
    yield from _pieces(text, start, len(text))


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Trim a sentence, and cut one that is too long at blanks into pieces that overlap."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE_CHARACTERS:
        cut = text.rfind(" ", start + OVERLAP_CHARACTERS + 1, start + MAX_SENTENCE_CHARACTERS)
        cut = cut if cut > 0 else start + MAX_SENTENCE_CHARACTERS
        yield start, cut
        blank = text.find(" ", cut - OVERLAP_CHARACTERS, cut)
        start = blank + 1 if blank > 0 else cut - OVERLAP_CHARACTERS
    if end > start:
        yield start, end


def _weights(sentence: str, lowered: str) -> dict[Reason, float]:
    """Return the weights of the patterns that match a sentence, added up by reason.

    `lowered` is the sentence in lower case when it is ASCII, else empty.
    """
    tokens = tokens_of(lowered or folded(sentence))
    code = _patterns().vocabulary.encoded(tokens)
    weights = _weights_of(code)
    if _order_verbs().search(code):
        for order in _RUN_ON.finditer(sentence):
            tail = tokens_of(folded(sentence[order.start() :]))
            weights |= _weights_of(_patterns().vocabulary.encoded(tail))
    if _in_cipher(tokens, code) or any(map(_is_instruction, _uncovered(sentence, code))):
        weights[Reason.HIDDEN] = THRESHOLD
    return weights


def _main_reason(weights: dict[Reason, float]) -> Reason:
    """Return the first reason that is enough by itself, else the weightiest."""
    enough = [reason for reason in Reason if weights.get(reason, 0.0) >= THRESHOLD]
    return enough[0] if enough else max(weights, key=lambda reason: weights[reason])


def _weights_of(code: str) -> dict[Reason, float]:
    weights: dict[Reason, float] = {}
    for index in _patterns().matching(code):
        reason, weight, _ = _RULES[index]
        weights[reason] = weights.get(reason, 0.0) + weight
    return weights


def _in_cipher(tokens: list[str], code: str) -> bool:
    """Say whether two words of orders stand in a sentence under one cipher. No prose does that."""
    if code.count(_patterns().ciphered) < 2:
        return False
    ciphers = Counter(cipher for token in tokens if (cipher := ciphered(token)))
    return max(ciphers.values()) > 1


def _uncovered(sentence: str, code: str) -> Iterator[str]:
    """Yield what a sentence holds in encodings and letters set apart."""
    if _patterns().blob in code or code.count(_patterns().byte) >= FEWEST_BYTES or "&#" in sentence:
        yield from payloads(sentence)
    if _letters_apart().search(code):
        yield closed_up(sentence)


def _is_instruction(plain: str) -> bool:
    code = _patterns().vocabulary.encoded(tokens_of(folded(plain[:MAX_SENTENCE_CHARACTERS])))
    return sum(_weights_of(code).values()) >= THRESHOLD


def _torn(text: str, found: list[Instruction]) -> Iterator[Instruction]:
    """Yield what reads as an order once all between its letters is left out: `Ig nore pre vious`.

    What is written in whole words is left to the sentences.
    """
    # One byte a character, so that places stay.
    lowered = text.encode("ascii", errors="replace").lower()
    if not _CLOSED_UP.search(lowered.translate(None, _NO_LETTERS)):
        return
    places = array("L", (at for at, code in enumerate(lowered) if code not in _NO_LETTERS))
    matches = _CLOSED_UP.finditer(lowered.translate(None, _NO_LETTERS))
    for match in islice(matches, MAX_FINDINGS):
        start, end = places[match.start()], places[match.end() - 1] + 1
        raw = text[start:end].lower()
        torn = bool(set(tokens_of(raw)) - _CLOSED_UP_WORDS) or len(_BREAK.findall(raw)) > 1
        if torn and not any(one.start < end and start < one.end for one in found):
            yield Instruction(start, end, Reason.HIDDEN, THRESHOLD)


def _marks(text: str) -> list[tuple[int, float]]:
    """Return (offset, weight) of the marks of prompts in a text, in order."""
    return sorted(
        (match.end() - 1, weight)
        for hint, weight, pattern in MARKS
        if hint in text
        for match in pattern.finditer(text)
    )


def _add_marks(
    weights: dict[Reason, float], marks: list[tuple[int, float]], start: int, end: int
) -> None:
    for _, weight in marks[bisect_left(marks, (start, 0.0)) : bisect_left(marks, (end, 0.0))]:
        weights[Reason.MARKS] = weights.get(Reason.MARKS, 0.0) + weight

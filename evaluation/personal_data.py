"""How much personal data is found, and how many harmless texts are altered.

A marked piece counts as found when all its letters and digits lie in findings of its type. A
finding is right when it overlaps a marked piece of its type, or of a wider one.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evaluation.answers import quantile
from evaluation.cases import BadFile, json_lines
from guardrails.personal_data import Kind, PersonalData, find_personal_data

# Other names that test sets give to our types.
SAME_TYPE = {
    "EMAIL": "EMAIL_ADDRESS",
    "IBAN": "IBAN_CODE",
    "CARD": "CREDIT_CARD",
    "CREDIT_CARD_NUMBER": "CREDIT_CARD",
    "SSN": "US_SSN",
    "SOCIAL_SECURITY_NUMBER": "US_SSN",
    "PHONE": "PHONE_NUMBER",
    "IP": "IP_ADDRESS",
    "DOB": "DATE_OF_BIRTH",
    "KEY": "API_KEY",
    "SECRET": "API_KEY",
    "SECRET_KEY": "API_KEY",
    "ACCESS_KEY": "API_KEY",
    "TOKEN": "API_KEY",
    "CREDENTIAL": "API_KEY",
}
# A date of birth may be marked as a date.
WIDER = {Kind.BIRTH: frozenset({"DATE_TIME", "DATE"})}


@dataclass(frozen=True, slots=True)
class Marked:
    """A piece of a text that people marked."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class PersonalDataCase:
    """A text and what is marked in it."""

    text: str
    marked: tuple[Marked, ...]


@dataclass(slots=True)
class _Counts:
    n: int = 0
    recalled: int = 0
    found: int = 0
    right: int = 0


@dataclass(slots=True)
class _Tally:
    by_type: defaultdict[str, _Counts] = field(default_factory=lambda: defaultdict(_Counts))
    without: int = 0
    altered: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def read_marked(files: Iterable[Path]) -> list[PersonalDataCase]:
    """Return the cases of lines `{text, spans: [{start, end, type}]}`. Raises BadFile."""
    return [
        PersonalDataCase(_text(row, where), tuple(_marks(row, where)))
        for file in files
        for where, row in json_lines(file)
    ]


def read_texts(files: Iterable[Path]) -> list[str]:
    """Return the texts of files with lines `{text}` or `{query}`. Raises BadFile."""
    return [_text(row, where) for file in files for where, row in json_lines(file)]


def evaluate(cases: Sequence[PersonalDataCase], benign: Sequence[str]) -> dict[str, Any]:
    """Return recall and precision by type, the harmless texts altered, and milliseconds a text."""
    find_personal_data("Warm up: +44 20 7946 0000, 020 7946 0000")
    tally = _Tally()
    for case in cases:
        _count(case, _timed(case.text, tally), tally)
    for text in benign:
        _count(PersonalDataCase(text, ()), _timed(text, tally), tally)
    seconds = sorted(tally.seconds)
    return {
        "n": len(cases) + len(benign),
        "by_type": {name: _row(name, counts) for name, counts in sorted(tally.by_type.items())},
        "texts_without_pii": tally.without,
        "texts_altered_without_pii": len(tally.altered),
        "altered": tally.altered,
        "p50_ms": _milliseconds(seconds, 0.5),
        "p95_ms": _milliseconds(seconds, 0.95),
    }


def _timed(text: str, tally: _Tally) -> tuple[PersonalData, ...]:
    started = time.perf_counter()
    found = find_personal_data(text)
    tally.seconds.append(time.perf_counter() - started)
    return found


def _count(case: PersonalDataCase, found: Sequence[PersonalData], tally: _Tally) -> None:
    if not case.marked:
        tally.without += 1
        if found:
            tally.altered.append(case.text)
    for mark in case.marked:
        counts = tally.by_type[mark.type]
        counts.n += 1
        counts.recalled += _is_covered(case.text, mark, found)
    for one in found:
        marks = [mark for mark in case.marked if mark.start < one.end and one.start < mark.end]
        names = {_ours(mark.type): mark.type for mark in marks}
        counts = tally.by_type[names.get(one.kind, str(one.kind))]
        counts.found += 1
        counts.right += one.kind in names or any(name in WIDER.get(one.kind, ()) for name in names)


def _is_covered(text: str, mark: Marked, found: Sequence[PersonalData]) -> bool:
    ours = [one for one in found if one.kind == _ours(mark.type)]
    places = [at for at in range(mark.start, mark.end) if text[at].isalnum()]
    return bool(places) and all(any(one.start <= at < one.end for one in ours) for at in places)


def _ours(name: str) -> str:
    return SAME_TYPE.get(name, name)


def _row(name: str, counts: _Counts) -> dict[str, Any]:
    return {
        "n": counts.n,
        "found": counts.found,
        "recall": round(counts.recalled / counts.n, 4) if counts.n else None,
        "precision": round(counts.right / counts.found, 4) if counts.found else None,
        "looked_for": _ours(name) in set(Kind),
    }


def _milliseconds(seconds: Sequence[float], part: float) -> float | None:
    found = quantile(seconds, part)
    return None if found is None else round(1000 * found, 3)


def _text(row: dict[str, Any], where: str) -> str:
    found = row.get("text", row.get("query"))
    if not isinstance(found, str):
        raise BadFile(f"{where}: the field 'text' must be a text")
    return found


def _marks(row: dict[str, Any], where: str) -> Iterable[Marked]:
    spans = row.get("spans", [])
    try:
        for span in spans:
            mark = Marked(int(span["start"]), int(span["end"]), str(span["type"]))
            if not 0 <= mark.start < mark.end <= len(row["text"]):
                raise BadFile(f"{where}: a span lies outside the text")
            yield mark
    except (KeyError, TypeError, ValueError) as error:
        raise BadFile(f"{where}: 'spans' must be a list of {{start, end, type}}") from error

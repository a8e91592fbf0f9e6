"""Reads corpus and case files: JSON lines, every wrong line named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from conversations.answering.values import Turn
from conversations.asking import turns_of


class BadFile(Exception):
    """A corpus or case file cannot be used; the text names the file, the line and the reason."""


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """One document of a corpus file."""

    id: str
    title: str
    text: str
    url: str
    internal: bool


@dataclass(frozen=True, slots=True)
class Case:
    """One question and the documents that hold its answer; none for an unanswerable one.

    Cases of one `group` ask the same in other words. A reply must not hold any of `must_not`.
    """

    id: str
    query: str
    history: tuple[Turn, ...]
    relevant: frozenset[str]
    answer: str
    group: str = ""
    must_not: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two questions: may the answer to the first serve the second?"""

    first: str
    second: str
    same: bool

    @property
    def id(self) -> str:
        """Return what tells it from the others, for its half."""
        return f"{self.first}\0{self.second}"


def half_of(case_id: str) -> int:
    """Return 0 or 1, the same on every machine: one half to fit on, the other to report."""
    return int(sha256(case_id.encode()).hexdigest(), 16) % 2


def read_pairs(file: Path, half: int | None = None) -> list[Pair]:
    """Return the pairs of a file, or of one half of it. Raises BadFile."""
    pairs = []
    for where, row in json_lines(file):
        if row.get("label") not in (0, 1):
            raise BadFile(f"{where}: the field 'label' must be 0 or 1")
        pairs.append(Pair(_text(row, "a", where), _text(row, "b", where), bool(row["label"])))
    if not pairs:
        raise BadFile(f"{file} holds no pairs")
    return [pair for pair in pairs if half is None or half_of(pair.id) == half]


def of_half(cases: Sequence[Case], half: int | None) -> list[Case]:
    """Return the cases of one half, all of them for None."""
    return [case for case in cases if half is None or half_of(case.id) == half]


def read_corpus(file: Path) -> list[CorpusRow]:
    """Return the documents. Raises BadFile."""
    rows: dict[str, CorpusRow] = {}
    for where, row in json_lines(file):
        document = CorpusRow(
            id=_id(row, where),
            title=_optional(row, "title", where),
            text=_text(row, "text", where, blank=True),
            url=_optional(row, "url", where),
            internal=bool(row.get("internal", False)),
        )
        if rows.setdefault(document.id, document) is not document:
            raise BadFile(f"{where}: the id {document.id} is there twice")
    if not rows:
        raise BadFile(f"{file} holds no documents")
    return list(rows.values())


def read_cases(file: Path, field: str = "query") -> list[Case]:
    """Return the cases; `field` "last_turn" takes the raw last turn with its history.

    Raises BadFile.
    """
    cases: dict[str, Case] = {}
    for number, (where, row) in enumerate(json_lines(file), start=1):
        raw = field == "last_turn" and "last_turn" in row
        case = Case(
            id=_id(row, where) if "id" in row else str(number),
            query=_text(row, field if raw else "query", where),
            history=_history(row["history"], where) if raw and row.get("history") else (),
            relevant=_relevant(row, where),
            answer=_optional(row, "answer", where),
            group=_optional(row, "group", where),
            must_not=_must_not(row, where),
        )
        if cases.setdefault(case.id, case) is not case:
            raise BadFile(f"{where}: the id {case.id} is there twice")
    if not cases:
        raise BadFile(f"{file} holds no cases")
    return list(cases.values())


def check_relevant(cases: Sequence[Case], rows: Sequence[CorpusRow]) -> list[str]:
    """Return the ids that cases name and the corpus lacks: they cannot be found.

    Raises BadFile when it lacks all of them: the files do not belong together.
    """
    known = {row.id for row in rows}
    wanted = {document for case in cases for document in case.relevant}
    missing = sorted(wanted - known)
    if missing and len(missing) == len(wanted):
        raise BadFile(
            f"none of the documents that the cases name is in the corpus (the first is "
            f"{missing[0]}): do the two files belong together?"
        )
    return missing


def _id(row: dict[str, Any], where: str) -> str:
    found = row.get("id")
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        raise BadFile(f"{where}: the field 'id' must be a text or a number")
    return str(found)


def _text(row: dict[str, Any], field: str, where: str, *, blank: bool = False) -> str:
    """Return a text that must be there. An empty page is no error: it is never found."""
    if field not in row:
        raise BadFile(f"{where}: the field '{field}' is missing")
    found = _optional(row, field, where)
    if not blank and not found.strip():
        raise BadFile(f"{where}: the field '{field}' is empty")
    return found


def _optional(row: dict[str, Any], field: str, where: str) -> str:
    found = row.get(field)
    if found is not None and not isinstance(found, str):
        raise BadFile(f"{where}: the field '{field}' must be a text")
    return found or ""


def _relevant(row: dict[str, Any], where: str) -> frozenset[str]:
    found = row.get("relevant", [])
    if not isinstance(found, list) or not all(isinstance(pk, str | int) for pk in found):
        raise BadFile(f"{where}: the field 'relevant' must be a list of ids of documents")
    return frozenset(str(pk) for pk in found)


def _must_not(row: dict[str, Any], where: str) -> tuple[str, ...]:
    found = row.get("must_not", [])
    if not isinstance(found, list) or not all(isinstance(text, str) and text for text in found):
        raise BadFile(f"{where}: the field 'must_not' must be a list of texts")
    return tuple(found)


def _history(entries: Any, where: str) -> tuple[Turn, ...]:
    """In evaluation files `agent` means the assistant."""
    try:
        turns = turns_of(entries, replies_stay_here=False)
    except ValueError as error:
        raise BadFile(f"{where}: history: {error}") from error
    return tuple(Turn("assistant", t.text) if t.role == "agent" else t for t in turns)


def json_lines(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where each object of a file stands, and the object. Raises BadFile."""
    try:
        # Not `splitlines`, which also ends a line at U+2028 within a text.
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{file} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise BadFile(f"{file} line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise BadFile(f"{file} line {number} is not an object")
        yield f"{file} line {number}", row

"""Reads corpus and case files: JSON lines, every wrong line named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
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
    """One question and the documents that hold its answer; none for an unanswerable one."""

    id: str
    query: str
    history: tuple[Turn, ...]
    relevant: frozenset[str]
    answer: str


def read_corpus(file: Path) -> list[CorpusRow]:
    """Return the documents. Raises BadFile."""
    rows = []
    for where, row in _lines(file):
        try:
            rows.append(
                CorpusRow(
                    id=str(row["id"]),
                    title=str(row.get("title", "")),
                    text=str(row["text"]),
                    url=str(row.get("url") or ""),
                    internal=bool(row.get("internal", False)),
                )
            )
        except KeyError as error:
            raise BadFile(f"{where}: the field {error} is missing") from error
    return rows


def read_cases(file: Path, field: str = "query") -> list[Case]:
    """Return the cases; `field` "last_turn" takes the raw last turn with its history."""
    cases = []
    for number, (where, row) in enumerate(_lines(file), start=1):
        raw = field == "last_turn" and "last_turn" in row
        try:
            cases.append(
                Case(
                    id=str(row.get("id", number)),
                    query=str(row[field] if raw else row["query"]),
                    history=_history(row["history"]) if raw and row.get("history") else (),
                    relevant=frozenset(str(pk) for pk in row.get("relevant", [])),
                    answer=str(row.get("answer") or ""),
                )
            )
        except KeyError as error:
            raise BadFile(f"{where}: the field {error} is missing") from error
        except ValueError as error:
            raise BadFile(f"{where}: history: {error}") from error
    return cases


def _history(entries: Any) -> tuple[Turn, ...]:
    """In evaluation files `agent` means the assistant."""
    turns = turns_of(entries, replies_stay_here=False)
    return tuple(Turn("assistant", t.text) if t.role == "agent" else t for t in turns)


def _lines(file: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
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

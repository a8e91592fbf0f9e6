"""Reads a table of questions and the documents that answer them. Pure."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

MOST_ROWS = 2000
MOST_BYTES = 1024 * 1024
_DELIMITERS = ",;\t"
_HEADINGS = {"document", "document path", "path", "file", "id"}


class UnreadableRows(Exception):
    """The table cannot be read. The text is for the operator."""


@dataclass(frozen=True, slots=True)
class GoldenRow:
    """A question, and the path, title or id of its document. `line` counts from 1."""

    line: int
    question: str
    document: str


def read_rows(content: bytes) -> list[GoldenRow]:
    """Return the rows of a CSV file with the columns question and document.

    A heading line is left out; blank lines are skipped. Raises UnreadableRows.
    """
    if len(content) > MOST_BYTES:
        raise UnreadableRows("The file is larger than 1 MB. Split it.")
    text = _decoded(content)
    if "\0" in text:
        raise UnreadableRows("The file cannot be read: it holds no text. Save the table as CSV.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = []
    try:
        for cells in reader:
            cleaned = [" ".join(cell.split()) for cell in cells]
            if any(cleaned):
                rows.append(_row(reader.line_num, cleaned))
            if len(rows) > MOST_ROWS + 1:
                raise UnreadableRows(f"At most {MOST_ROWS} questions at once. Split the file.")
    except csv.Error as error:
        raise UnreadableRows(
            f"Line {reader.line_num} cannot be read ({error}). Save the table as CSV again."
        ) from error
    return rows[1:] if rows and rows[0].document.lower() in _HEADINGS else rows


def _decoded(content: bytes) -> str:
    """Read what spreadsheets save: UTF-8, UTF-16 with its mark, or Windows' western letters."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _row(line: int, cells: list[str]) -> GoldenRow:
    filled = [cell for cell in cells[2:] if cell]
    if len(cells) < 2 or filled:
        raise UnreadableRows(
            f"Line {line} has {len(cells)} columns. Two are needed: the question and the "
            "document's path. Put quotation marks around a text with commas."
        )
    return GoldenRow(line, cells[0], cells[1])


def _delimiter(text: str) -> str:
    """Return the delimiter that the first line has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)

"""Excel: a section for each sheet, a table for each block of cells, as they are shown."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import regex
from openpyxl import load_workbook

from knowledge.ingestion.archives import open_archive, read_part
from knowledge.ingestion.limits import MAX_TEXT_CHARACTERS, TOO_MUCH_TEXT
from knowledge.ingestion.parsing.cells import shown_value
from knowledge.ingestion.parsing.colours import WHITE, from_hex, readable
from knowledge.ingestion.parsing.packages import document_title, note_macros, refuse_entities
from knowledge.ingestion.parsing.tables import MAX_COLUMNS, markdown_table
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

_HIDDEN_ROW = regex.compile(rb"<(?:\w+:)?row\b(?=[^>]*\shidden=\"(?:1|true)\")[^>]*?\sr=\"(\d+)\"")
_HIDDEN_COLUMN = regex.compile(rb"<(?:\w+:)?col\b(?=[^>]*\shidden=\"(?:1|true)\")[^>]*>")
_FROM_TO = regex.compile(rb"\s(min|max)=\"(\d+)\"")
# The first colour of a theme is that of the paper.
_PAPER_THEME = 0
MAX_SHEETS = 500


def parse_xlsx(content: bytes, name: str) -> ParsedDocument:
    """Read an .xlsx: the values last calculated. The title is the file's own, else the name."""
    removed = Removed()
    with open_archive(content) as archive:
        try:
            refuse_entities(archive)
            note_macros(archive, removed)
            own_title = document_title(archive)
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            markdown = "\n\n".join(_sheets(book, archive, removed))
        except (MemoryError, DocumentUnreadable):
            raise
        except Exception as error:
            raise DocumentUnreadable(
                "The workbook is broken and cannot be read. Open it, save it again, and upload "
                "that."
            ) from error
    return ParsedDocument(title=own_title or name, markdown=markdown, findings=removed.findings())


def _sheets(book: Any, archive: zipfile.ZipFile, removed: Removed) -> Iterator[str]:
    length = 0
    for sheet in book.worksheets[:MAX_SHEETS]:
        text = "\n\n".join(_blocks(_rows(sheet, archive, removed)))
        if sheet.sheet_state != "visible":
            removed.add("hidden_sheet", f"{sheet.title}: {text}" if text else "")
        elif text:
            yield f"## {sheet.title}\n\n{text}"
            length += len(text)
        if length > MAX_TEXT_CHARACTERS:
            raise DocumentUnreadable(TOO_MUCH_TEXT)


def _rows(sheet: Any, archive: zipfile.ZipFile, removed: Removed) -> Iterator[list[str]]:
    """Yield the rows as they are shown; rows and columns that are hidden are left out."""
    # The size that the file claims may be a million empty rows.
    sheet.reset_dimensions()
    hidden_rows, hidden_columns = _hidden(archive, sheet._worksheet_path)
    styles: dict[int, tuple[str, str]] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        shown: list[str] = []
        for column, cell in enumerate(row[:MAX_COLUMNS], start=1):
            text, code = _seen(cell, styles) if cell.value is not None else ("", "")
            if text and (number in hidden_rows or column in hidden_columns):
                code = "hidden_cells"
            if code:
                removed.add(code, text)
            shown.append("" if code else text)
        if number not in hidden_rows:
            yield shown


def _hidden(archive: zipfile.ZipFile, part: str) -> tuple[set[int], set[int]]:
    xml = read_part(archive, part)
    rows = {int(found.group(1)) for found in _HIDDEN_ROW.finditer(xml)}
    columns: set[int] = set()
    for found in _HIDDEN_COLUMN.finditer(xml[: xml.find(b"<sheetData")]):
        bounds = {key: int(value) for key, value in _FROM_TO.findall(found.group())}
        columns.update(range(bounds.get(b"min", 1), min(bounds.get(b"max", 0), MAX_COLUMNS) + 1))
    return rows, columns


def _seen(cell: Any, styles: dict[int, tuple[str, str]]) -> tuple[str, str]:
    """Return a cell's text and why it is not seen; each style is looked at once."""
    style = cell._style_id
    if style not in styles:
        styles[style] = (cell.number_format or "General", _code(cell))
    number_format, code = styles[style]
    return shown_value(cell.value, number_format), code


def _code(cell: Any) -> str:
    if cell.number_format.strip() in (";;;", ";;"):
        return "invisible_text"
    font, fill = cell.font, cell.fill
    if font is None or (fill is not None and getattr(fill, "fill_type", None) is not None):
        return ""
    colour = font.color
    if colour is None:
        return ""
    if colour.type == "theme":
        return "same_colour" if colour.theme == _PAPER_THEME and not colour.tint else ""
    found = from_hex(str(colour.rgb)[-6:]) if colour.type == "rgb" else None
    return "same_colour" if found and not readable(found, WHITE) else ""


def _blocks(rows: Iterator[list[str]]) -> Iterator[str]:
    """Yield a table for each run of rows with words, a line for a row with one cell above it."""
    block: list[Sequence[str]] = []
    for row in rows:
        if any(row):
            block.append(row)
        elif block:
            yield from _tables(block)
            block = []
    yield from _tables(block)


def _tables(block: list[Sequence[str]]) -> Iterator[str]:
    while len(block) > 1 and sum(map(bool, block[0])) == 1:
        yield next(cell for cell in block[0] if cell)
        block = block[1:]
    if text := markdown_table(block):
        yield text

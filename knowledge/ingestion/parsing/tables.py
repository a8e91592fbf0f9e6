"""Rows of cells as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex

# Tables wider than this are data for machines.
MAX_COLUMNS = 1000
# A short cell that reaches over several rows is said in each: a row can be read alone.
REPEATED_CHARACTERS = 60
_BLANK = regex.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and how many columns and rows it reaches over."""

    text: str
    columns: int = 1
    rows: int = 1


def markdown_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table whose first row is the head; empty without words.

    Empty rows and columns are left out. One row, or one column, becomes lines.
    """
    lines = [[_inline(cell) for cell in row[:MAX_COLUMNS]] for row in rows]
    lines = [line for line in lines if any(line)]
    width = max((len(line) for line in lines), default=0)
    used = [at for at in range(width) if any(at < len(line) and line[at] for line in lines)]
    lines = [[line[at] if at < len(line) else "" for at in used] for line in lines]
    if len(lines) < 2 or len(used) < 2:
        return "\n".join(" | ".join(cell for cell in line if cell) for line in lines)
    head, *body = (f"| {' | '.join(_escaped(cell) for cell in line)} |" for line in lines)
    return "\n".join([head, f"|{' --- |' * len(used)}", *body])


def spread(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Lay cells that reach over others onto a grid, as HTML does."""
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}
    for row in rows:
        line: list[str] = []
        cells = list(row)
        while (cells or any(at >= len(line) for at in hanging)) and len(line) < MAX_COLUMNS:
            at = len(line)
            if at in hanging:
                left, text = hanging.pop(at)
                line.append(text)
                if left > 1:
                    hanging[at] = (left - 1, text)
            elif cells:
                _place(cells.pop(0), line, hanging)
            else:
                line.append("")
        grid.append(line)
    return grid


def _place(cell: Cell, line: list[str], hanging: dict[int, tuple[int, str]]) -> None:
    said_again = cell.text if len(cell.text) <= REPEATED_CHARACTERS else ""
    for offset in range(max(min(cell.columns, MAX_COLUMNS - len(line)), 1)):
        if cell.rows > 1:
            hanging[len(line)] = (cell.rows - 1, said_again if offset == 0 else "")
        line.append(cell.text if offset == 0 else "")


def _inline(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")

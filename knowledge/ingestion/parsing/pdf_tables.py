"""Tables on a PDF page: those drawn with lines, and rows of cells that stand under each other."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2.raw as pdfium

from knowledge.ingestion.parsing.pdf_page import Box, Line, PageObject, Word, matrix_of, moved
from knowledge.ingestion.parsing.tables import markdown_table

# Lines of a grid meet within this many points.
TOLERANCE = 3.0
# A shape no thicker than this is a line.
LINE_POINTS = 3.0
MIN_LINE_POINTS = 8.0
MAX_RULES = 2000
MAX_SEGMENTS = 2000
# A gap of this many heights of type is no space between words.
CELL_GAP = 1.3
MIN_ROWS = 3
# Columns of prose are no table: its cells are short.
MAX_CELL_WORDS = 8


@dataclass(slots=True)
class Rule:
    """A drawn line: where it lies, and from where to where it goes."""

    at: float
    start: float
    end: float


@dataclass(slots=True)
class Grid:
    """The lines of one drawn table."""

    across: list[Rule] = field(default_factory=list)
    down: list[Rule] = field(default_factory=list)

    @property
    def box(self) -> Box:
        """Return the outer edges."""
        return Box(
            min(rule.at for rule in self.down), min(rule.at for rule in self.across),
            max(rule.at for rule in self.down), max(rule.at for rule in self.across),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table as Markdown and the words that are in it, by identity."""

    markdown: str
    words: frozenset[int]


def drawn_tables(objects: Sequence[PageObject], lines: Sequence[Line]) -> list[Table]:
    """Return the tables that are drawn with lines and hold words."""
    across, down = _rules(objects)
    if len(across) < 2 or len(down) < 2 or len(across) + len(down) > MAX_RULES:
        return []
    tables = []
    for grid in _grids(across, down):
        table = _filled(grid, lines)
        if table is not None:
            tables.append(table)
    return tables


def _rules(objects: Sequence[PageObject]) -> tuple[list[Rule], list[Rule]]:
    across: list[Rule] = []
    down: list[Rule] = []
    for one in objects:
        if one.kind != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        box = one.box
        width, height = box.right - box.left, box.top - box.bottom
        if height <= LINE_POINTS and width >= MIN_LINE_POINTS:
            across.append(Rule((box.bottom + box.top) / 2, box.left, box.right))
        elif width <= LINE_POINTS and height >= MIN_LINE_POINTS:
            down.append(Rule((box.left + box.right) / 2, box.bottom, box.top))
        elif min(width, height) >= MIN_LINE_POINTS:
            _add_edges(one, across, down)
        if len(across) + len(down) > MAX_RULES:
            break
    return across, down


def _add_edges(shape: PageObject, across: list[Rule], down: list[Rule]) -> None:
    """Add the straight edges of a shape: a box around a cell, or a whole grid in one path."""
    count = pdfium.FPDFPath_CountSegments(shape.handle)
    if not 2 <= count <= MAX_SEGMENTS:
        return
    matrices = (matrix_of(shape.handle), *shape.forms)
    x, y = ctypes.c_float(), ctypes.c_float()
    former = begin = (0.0, 0.0)
    for at in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(shape.handle, at)
        pdfium.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (x.value, y.value)
        for matrix in matrices:
            point = moved(*point, matrix)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO:
            _add_edge(former, point, across, down)
        if pdfium.FPDFPathSegment_GetClose(segment):
            _add_edge(point, begin, across, down)
        former = point


def _add_edge(
    start: tuple[float, float], end: tuple[float, float], across: list[Rule], down: list[Rule]
) -> None:
    width, height = abs(start[0] - end[0]), abs(start[1] - end[1])
    if height < 1 and width >= MIN_LINE_POINTS:
        across.append(Rule(start[1], min(start[0], end[0]), max(start[0], end[0])))
    elif width < 1 and height >= MIN_LINE_POINTS:
        down.append(Rule(start[0], min(start[1], end[1]), max(start[1], end[1])))


def _grids(across: list[Rule], down: list[Rule]) -> list[Grid]:
    """Group the lines that meet."""
    group = list(range(len(across) + len(down)))

    def top(one: int) -> int:
        while group[one] != one:
            group[one] = group[group[one]]
            one = group[one]
        return one

    for i, flat in enumerate(across):
        for j, steep in enumerate(down, start=len(across)):
            if _meet(flat, steep):
                group[top(i)] = top(j)
    grids: dict[int, Grid] = {}
    for i, rule in enumerate(across):
        grids.setdefault(top(i), Grid()).across.append(rule)
    for j, rule in enumerate(down, start=len(across)):
        grids.setdefault(top(j), Grid()).down.append(rule)
    return [grid for grid in grids.values() if len(grid.across) >= 2 and len(grid.down) >= 2]


def _meet(flat: Rule, steep: Rule) -> bool:
    return (
        flat.start - TOLERANCE <= steep.at <= flat.end + TOLERANCE
        and steep.start - TOLERANCE <= flat.at <= steep.end + TOLERANCE
    )


def _filled(grid: Grid, lines: Sequence[Line]) -> Table | None:
    columns = _places(rule.at for rule in grid.down)
    rows = _places(rule.at for rule in grid.across)
    if len(columns) < 3 or len(rows) < 3:
        return None
    cells: dict[tuple[int, int], list[str]] = {}
    inside: set[int] = set()
    for line in lines:
        for word in line.words:
            column, row = _middle_in(word, columns, rows)
            if column is not None and row is not None:
                place = _corner(grid, columns, rows, column, row)
                cells.setdefault(place, []).append(word.text)
                inside.add(id(word))
    height, width = len(rows) - 1, len(columns) - 1
    table = [
        [" ".join(cells.get((row, column), ())) for column in range(width)]
        for row in reversed(range(height))
    ]
    filled_rows = sum(any(row) for row in table)
    filled_columns = sum(any(row[column] for row in table) for column in range(width))
    if filled_rows < 2 or filled_columns < 2:
        return None
    return Table(markdown_table(table), frozenset(inside))


def _places(values: object) -> list[float]:
    """Return sorted places, those closer than the tolerance as one."""
    places: list[float] = []
    for value in sorted(values):  # type: ignore[call-overload]
        if not places or value - places[-1] > TOLERANCE:
            places.append(value)
    return places


def _middle_in(
    word: Word, columns: list[float], rows: list[float]
) -> tuple[int | None, int | None]:
    column = bisect_right(columns, (word.left + word.right) / 2) - 1
    row = bisect_right(rows, (word.bottom + word.top) / 2) - 1
    in_grid = 0 <= column < len(columns) - 1 and 0 <= row < len(rows) - 1
    return (column, row) if in_grid else (None, None)


def _corner(
    grid: Grid, columns: list[float], rows: list[float], column: int, row: int
) -> tuple[int, int]:
    """Return the upper left cell of those that are merged into this one."""
    middle = (rows[row] + rows[row + 1]) / 2
    while column > 0 and not _drawn(grid.down, columns[column], middle):
        column -= 1
    middle = (columns[column] + columns[column + 1]) / 2
    while row < len(rows) - 2 and not _drawn(grid.across, rows[row + 1], middle):
        row += 1
    return row, column


def _drawn(rules: Sequence[Rule], at: float, middle: float) -> bool:
    return any(
        abs(rule.at - at) <= TOLERANCE and rule.start <= middle <= rule.end for rule in rules
    )


def cells_of(line: Line) -> list[list[Word]]:
    """Return a line's words in groups that wide gaps separate."""
    groups: list[list[Word]] = []
    gap = max(line.size, 6.0) * CELL_GAP
    for word in line.words:
        if groups and -gap < word.left - groups[-1][-1].right < gap:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups

"""The order in which people read the lines of a PDF page: down one column, then down the next.

Most programs write pages in reading order, so the order of the file is kept unless the lines show
that it is not: lines that run across two columns, or that go back up within one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from knowledge.ingestion.parsing.pdf_page import Line
from knowledge.ingestion.parsing.pdf_tables import MAX_CELL_WORDS, MIN_ROWS, cells_of
from knowledge.ingestion.parsing.tables import markdown_table

# More pieces than this are a drawing.
MAX_PIECES = 3000
MAX_DEPTH = 8
# Half of a column's lines may be short ends of paragraphs.
PROSE_WORDS = 4
BACKWARD_SHARE = 0.1
MIN_BACKWARD = 3
# Lines across a gutter, such as headings, of all lines.
MAX_CROSSING_SHARE = 0.2
MIN_SIDE_SHARE = 0.15
GUTTER_STEP_POINTS = 2.0
SAME_ROW_SHARE = 0.5
# A table without lines needs columns enough not to be a list of labels and values.
MIN_TABLE_COLUMNS = 3

Piece = Line | str


def in_reading_order(lines: Sequence[Line]) -> list[Piece]:
    """Return a page's lines in reading order, with tables that need no lines as Markdown."""
    if not lines or any(not line.words for line in lines) or _without_places(lines):
        return list(lines)
    if _goes_back(lines):
        pieces = [piece for line in lines for piece in _pieces(line)]
        return list(_by_columns(pieces, 0)) if len(pieces) <= MAX_PIECES else list(lines)
    arranged: list[Piece] = []
    run: list[list[Line]] = []
    for row in [*_rows(lines), []]:
        if len(row) > 1 or (run and len(row) == 1 and _beside(row[0], run)):
            run.append(row)
            continue
        arranged += _arranged(run)
        run = []
        arranged += row
    return arranged


def _without_places(lines: Sequence[Line]) -> bool:
    return all(word.right == 0.0 for line in lines[:3] for word in line.words)


def _goes_back(lines: Sequence[Line]) -> bool:
    """Whether the file's order goes up again within a column, again and again."""
    backward = sum(
        following.bottom > line.top
        and min(_right(line), _right(following)) - max(_left(line), _left(following)) > 0
        for line, following in pairwise(lines)
    )
    return backward >= max(MIN_BACKWARD, len(lines) * BACKWARD_SHARE)


def _pieces(line: Line) -> list[Line]:
    cells = cells_of(line)
    return [line] if len(cells) == 1 else [replace(line, words=words) for words in cells]


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return pieces that stand side by side together, in the order of the file."""
    rows: list[list[Line]] = []
    for line in lines:
        for piece in _pieces(line):
            if rows and _side_by_side(rows[-1][-1], piece):
                rows[-1].append(piece)
            else:
                rows.append([piece])
    return rows


def _side_by_side(left: Line, right: Line) -> bool:
    shared = min(left.top, right.top) - max(left.bottom, right.bottom)
    height = min(left.top - left.bottom, right.top - right.bottom)
    return _right(left) < _left(right) and shared > height * SAME_ROW_SHARE


def _beside(line: Line, run: Sequence[Sequence[Line]]) -> bool:
    """Whether a line alone goes on in one of the columns of the rows above it."""
    above = run[-1]
    for at, piece in enumerate(above):
        limit = _left(above[at + 1]) if at + 1 < len(above) else float("inf")
        if _left(piece) - line.size < _left(line) and _right(line) < limit:
            near = 0 <= min(one.bottom for one in above) - line.top < 2 * max(line.size, 1)
            return near or line.bottom > min(one.bottom for one in above)
    return False


def _arranged(run: list[list[Line]]) -> list[Piece]:
    """Return rows of several pieces: columns of prose one after the other, or a table."""
    pieces = [piece for row in run for piece in row]
    if len(run) < MIN_ROWS:
        return [_joined(row) for row in run]
    usual_words = median(len(piece.words) for piece in pieces)
    if usual_words >= PROSE_WORDS and _gutter(pieces) is not None:
        return list(_by_columns(pieces, 0))
    table = _table(run) if usual_words < MAX_CELL_WORDS else ""
    return [table] if table else [_joined(row) for row in run]


def _joined(row: Sequence[Line]) -> Line:
    return replace(row[0], words=[word for piece in row for word in piece.words])


def _table(run: list[list[Line]]) -> str:
    """Return rows whose cells stand under each other as a table; empty when they do not."""
    pieces = [piece for row in run for piece in row]
    columns: list[list[float]] = []
    for piece in sorted(pieces, key=_left):
        # Cells of one column overlap; a cell that reaches over several shows that it is no table.
        if columns and _left(piece) < columns[-1][1]:
            columns[-1][1] = max(columns[-1][1], _right(piece))
        else:
            columns.append([_left(piece), _right(piece)])
    full = sum(len(row) == len(columns) for row in run)
    if len(columns) < MIN_TABLE_COLUMNS or full * 2 < len(run):
        return ""
    rows = []
    for row in run:
        cells = [""] * len(columns)
        for piece in row:
            at = next(i for i, (_, right) in enumerate(columns) if _left(piece) <= right)
            cells[at] = f"{cells[at]} {piece.text}".strip()
        rows.append(cells)
    return markdown_table(rows)


def _by_columns(pieces: Sequence[Line], depth: int) -> list[Line]:
    """Order pieces: what crosses the gutter parts the page into bands, each left before right."""
    gutter = _gutter(pieces) if depth < MAX_DEPTH else None
    if gutter is None:
        return sorted(pieces, key=lambda piece: (-round(piece.top), _left(piece)))
    ordered: list[Line] = []
    band: list[Line] = []
    for piece in sorted(pieces, key=lambda piece: -piece.top):
        if _left(piece) < gutter < _right(piece):
            ordered += _sides(band, gutter, depth)
            ordered.append(piece)
            band = []
        else:
            band.append(piece)
    return ordered + _sides(band, gutter, depth)


def _sides(band: Sequence[Line], gutter: float, depth: int) -> list[Line]:
    left = [piece for piece in band if _right(piece) <= gutter]
    right = [piece for piece in band if _right(piece) > gutter]
    return [*_by_columns(left, depth + 1), *_by_columns(right, depth + 1)]


def _gutter(pieces: Sequence[Line]) -> float | None:
    """Return where few pieces cross and many stand on either side, the emptiest place."""
    if len(pieces) < 2 * MIN_ROWS:
        return None
    first, last = min(map(_left, pieces)), max(map(_right, pieces))
    best: tuple[float, float] | None = None
    middle = (first + last) / 2
    steps = int((last - first) / GUTTER_STEP_POINTS)
    for step in range(1, min(steps, 1000)):
        at = first + step * GUTTER_STEP_POINTS
        left = sum(_right(piece) <= at for piece in pieces)
        right = sum(_left(piece) >= at for piece in pieces)
        crossing = len(pieces) - left - right
        if crossing > len(pieces) * MAX_CROSSING_SHARE:
            continue
        if min(left, right) < max(len(pieces) * MIN_SIDE_SHARE, MIN_ROWS):
            continue
        rank = (float(crossing), abs(at - middle))
        if best is None or rank < best:
            best, chosen = rank, at
    return chosen if best is not None else None


def _left(line: Line) -> float:
    return min(word.left for word in line.words)


def _right(line: Line) -> float:
    return max(word.right for word in line.words)

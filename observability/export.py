"""The ledger as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from observability.models import LlmCall

COLUMNS = tuple(field.name for field in LlmCall._meta.concrete_fields)
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """Stands in for a file: csv hands each line to `write`, which returns it."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_lines(calls: Iterable[LlmCall]) -> Iterator[str]:
    """Yield the header and a line for each call; an unknown price is an empty cell."""
    return lines_of(COLUMNS, ([getattr(call, name) for name in COLUMNS] for call in calls))


def lines_of(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield lines that a spreadsheet takes for values only; None is an empty cell."""
    writer = csv.writer(_Line())
    yield writer.writerow(header)
    for row in rows:
        yield writer.writerow([_cell(value) for value in row])


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULA_SIGNS):
        return f"'{value}"
    return value.isoformat() if hasattr(value, "isoformat") else value

"""Values of spreadsheet cells as the reader sees them."""

from __future__ import annotations

import datetime
import math

from knowledge.ingestion.parsing.date_formats import shown_date, shown_duration, shown_time
from knowledge.ingestion.parsing.number_formats import formatted


def shown_value(value: object, number_format: str) -> str:
    """Return a cell's value as text, by its format where that does not hang on the reader."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            is_number = math.isfinite(value)
            return formatted(value, number_format or "General") if is_number else ""
        case datetime.datetime():
            return shown_date(value, number_format)
        case datetime.time():
            return shown_time(value, number_format)
        case datetime.timedelta():
            return shown_duration(value, number_format)
    return str(value).strip()

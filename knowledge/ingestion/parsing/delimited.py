"""CSV: one table, whatever separates its cells."""

from __future__ import annotations

import csv
import io
from collections import Counter

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.parsing.tables import markdown_table
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

SEPARATORS = ",;\t|"
SAMPLE_LINES = 50
# A cell may hold an article.
csv.field_size_limit(10_000_000)


def parse_delimited(content: bytes, name: str) -> ParsedDocument:
    """Read a CSV file as one Markdown table; formulas stay the text they are."""
    text = decode(content).replace("\x00", "").lstrip("\ufeff")
    # Excel's way to say which separator it used.
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    if declared.startswith("sep=") and len(declared) == 5:
        separator, text = declared[-1], rest
    else:
        separator = separator_of(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise DocumentUnreadable(
            "The table cannot be read: its quotation marks do not match. Export it again as CSV."
        ) from error
    return ParsedDocument(title=name, markdown=markdown_table(rows))


def separator_of(text: str) -> str:
    """Return what separates cells: what gives most lines the same number of two or more cells."""
    sample = "".join(text.splitlines(keepends=True)[:SAMPLE_LINES])
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        try:
            widths = [
                len(row) for row in csv.reader(io.StringIO(sample), delimiter=separator) if row
            ]
        except csv.Error:
            continue
        usual, count = Counter(widths).most_common(1)[0] if widths else (1, 0)
        score = count / len(widths) * min(usual, 10) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = separator, score
    return best

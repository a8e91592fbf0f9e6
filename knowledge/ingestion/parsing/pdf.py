"""PDF: text in reading order, page numbers, headings by size of type."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

MAX_PAGES = 10_000
# A heading is set at least this much larger than the page's usual type, in one short line.
HEADING_RATIO = 1.18
HEADING_MAX_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text and its size of type in points."""

    text: str
    size: float


def parse_pdf(content: bytes, name: str) -> ParsedDocument:
    """Read a PDF. Raises DocumentUnreadable for a password, damage, or a scan."""
    document = _open(content)
    try:
        if len(document) > MAX_PAGES:
            raise DocumentUnreadable(
                f"The PDF has {len(document)} pages; at most {MAX_PAGES} are read. Split it."
            )
        pages = [_lines(document[number]) for number in range(len(document))]
        title = str(document.get_metadata_dict().get("Title") or "").strip()
    finally:
        document.close()
    if not any(line.text.strip() for page in pages for line in page):
        raise DocumentUnreadable(
            "This PDF is a scan without text (it needs OCR). Upload a version with text."
        )
    markdown, starts = _markdown(pages)
    return ParsedDocument(
        title=_usable(title) or _largest_line(pages) or name,
        markdown=markdown,
        page_starts=tuple(starts),
    )


def _open(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentUnreadable(
                "The PDF needs a password. Remove the password and upload it again."
            ) from error
        raise DocumentUnreadable(
            "The PDF is broken and cannot be opened. Export it again."
        ) from error


def _lines(page: pypdfium2.PdfPage) -> list[Line]:
    text_page = page.get_textpage()
    text = text_page.get_text_range()
    lines: list[Line] = []
    offset = 0
    for raw_line in text.splitlines(keepends=True):
        stripped = raw_line.strip()
        if stripped:
            first = offset + raw_line.index(stripped[0])
            lines.append(Line(stripped, float(pdfium.FPDFText_GetFontSize(text_page, first))))
        else:
            lines.append(Line("", 0.0))
        offset += len(raw_line)
    text_page.close()
    page.close()
    return lines


def _markdown(pages: list[list[Line]]) -> tuple[str, list[tuple[int, int]]]:
    body_size = _usual_size(pages)
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for number, lines in enumerate(pages, start=1):
        starts.append((length, number))
        text = "\n".join(_marked(line, body_size) for line in lines) + "\n\n"
        parts.append(text)
        length += len(text)
    return "".join(parts), starts


def _usual_size(pages: list[list[Line]]) -> float:
    sizes: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _marked(line: Line, body_size: float) -> str:
    heading = (
        body_size > 0
        and line.size >= body_size * HEADING_RATIO
        and 2 < len(line.text) <= HEADING_MAX_CHARACTERS
        and any(character.isalpha() for character in line.text)
    )
    if not heading:
        return line.text
    level = "##" if line.size >= body_size * 1.5 else "###"
    return f"\n{level} {line.text}\n"


def _largest_line(pages: list[list[Line]]) -> str:
    lines = [line for line in (pages[0] if pages else []) if 3 < len(line.text) < 150]
    return max(lines, key=lambda line: line.size).text if lines else ""


def _usable(title: str) -> str:
    """Return a metadata title, unless it is a file name that some program left there."""
    leftover = title.lower().endswith((".doc", ".docx", ".indd", ".pdf", ".tex", ".qxd"))
    generated = title.lower().startswith(("microsoft word", "untitled", "(anonymous)"))
    return "" if leftover or generated else title

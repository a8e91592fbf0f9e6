"""PDF: text in reading order with page numbers, headings by type, tables, scans recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pypdfium2
import pypdfium2.raw as pdfium

from knowledge.ingestion.limits import (
    MAX_PAGES,
    MAX_TEXT_CHARACTERS,
    OCR_SECONDS,
    TOO_MUCH_TEXT,
)
from knowledge.ingestion.parsing.ocr import Recogniser, RecognitionTimedOut
from knowledge.ingestion.parsing.pdf_hidden import HiddenText
from knowledge.ingestion.parsing.pdf_layout import Piece, in_reading_order
from knowledge.ingestion.parsing.pdf_page import (
    Box,
    Line,
    PageObject,
    lines_of,
    objects_of,
    page_text,
)
from knowledge.ingestion.parsing.pdf_tables import Table, drawn_tables
from knowledge.ingestion.parsing.pdf_text import largest_line, page_markdown, without_repeats
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, Finding, ParsedDocument

# A page with so few characters under a picture of its size is a scan with a stamp.
SCAN_CHARACTERS = 20
SCAN_SHARE = 0.5
NAMED_PAGES = 20
SCAN = (
    "This PDF is a scan without text: it needs OCR (text recognition). Install Tesseract on the "
    "server and press Retry, or upload a version with text."
)
SCAN_TOO_LONG = (
    "This PDF is a scan, and recognising its text takes longer than a minute. Split it, or run "
    "OCR on it first (for example with ocrmypdf), and upload that."
)
NOTHING_RECOGNISED = (
    "This PDF is a scan, and OCR found no text on it. Upload a version with text or a sharper scan."
)


def parse_pdf(content: bytes, name: str) -> ParsedDocument:
    """Read a PDF. Raises DocumentUnreadable for a password, damage, or a scan."""
    document = _open(content)
    try:
        if len(document) > MAX_PAGES:
            raise DocumentUnreadable(
                f"The PDF has {len(document)} pages; at most {MAX_PAGES} are read. Split it."
            )
        title = str(document.get_metadata_dict().get("Title") or "").strip()
        reader = _Reader(document)
        pages = reader.pages()
        findings = reader.findings()
    finally:
        document.close()
    pages = without_repeats(pages)
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for number, text in enumerate(page_markdown(pages), start=1):
        starts.append((length, number))
        parts.append(f"{text}\n\n")
        length += len(parts[-1])
    return ParsedDocument(
        title=_usable(title) or largest_line(pages) or name,
        markdown="".join(parts),
        page_starts=tuple(starts),
        findings=findings,
    )


def _open(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise DocumentUnreadable(
                "The PDF needs a password. Remove the password and upload it again."
            ) from error
        raise DocumentUnreadable(
            "The PDF is broken and cannot be opened. Export it again."
        ) from error
    if len(document) == 0:
        document.close()
        raise DocumentUnreadable("The PDF is broken: it has no pages. Export it again.")
    return document


class _Reader:
    """Reads the pages of one file."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document
        self._removed = Removed()
        self._hidden = HiddenText(self._removed)
        self._recogniser = Recogniser(OCR_SECONDS)
        self._scanned: list[int] = []

    def pages(self) -> list[list[Piece]]:
        """Return each page's lines. Raises DocumentUnreadable for a scan and for a lack of text."""
        pages = []
        characters = 0
        for number in range(len(self._document)):
            pieces = self._page(number)
            characters += sum(_length(piece) for piece in pieces)
            if characters > MAX_TEXT_CHARACTERS:
                raise DocumentUnreadable(TOO_MUCH_TEXT)
            pages.append(pieces)
        if not characters and self._scanned:
            raise DocumentUnreadable(NOTHING_RECOGNISED if self._recogniser.installed else SCAN)
        return pages

    def findings(self) -> tuple[Finding, ...]:
        """Return what was removed, and which pages could not be read."""
        unread = self._scanned if not self._recogniser.installed else []
        if not unread:
            return self._removed.findings()
        named = ", ".join(str(number) for number in unread[:NAMED_PAGES])
        more = f" and {len(unread) - NAMED_PAGES} more" if len(unread) > NAMED_PAGES else ""
        return (*self._removed.findings(), Finding("pages_need_ocr", f"pages {named}{more}"))

    def _page(self, number: int) -> list[Piece]:
        try:
            page = self._document[number]
        except pypdfium2.PdfiumError:
            # A broken page among whole ones.
            return []
        try:
            return self._pieces(page, number + 1)
        finally:
            page.close()

    def _pieces(self, page: pypdfium2.PdfPage, number: int) -> list[Piece]:
        layer = page_text(page)
        try:
            objects = objects_of(page)
            unseen = self._hidden.unseen(page, layer, objects) if layer.text.strip() else set()
            lines = lines_of(layer, unseen)
        finally:
            layer.handle.close()
        if sum(len(line.text) for line in lines) < SCAN_CHARACTERS and _is_scan(page, objects):
            self._scanned.append(number)
            return self._recognised_lines(page) or list(lines)
        return _with_tables(lines, drawn_tables(objects, lines))

    def _recognised_lines(self, page: pypdfium2.PdfPage) -> list[Piece]:
        if not self._recogniser.installed:
            return []
        try:
            text = self._recogniser.text(page)
        except RecognitionTimedOut as error:
            raise DocumentUnreadable(SCAN_TOO_LONG) from error
        return [text.strip()] if text.strip() else []


def _is_scan(page: pypdfium2.PdfPage, objects: Sequence[PageObject]) -> bool:
    """Whether pictures cover most of a page, and nobody has recognised them yet."""
    if any(one.mode == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE for one in objects):
        return False
    paper = Box(*page.get_bbox())
    pictures = [one.box for one in objects if one.kind == pdfium.FPDF_PAGEOBJ_IMAGE]
    return sum(picture.covered(paper) for picture in pictures) >= SCAN_SHARE


def _with_tables(lines: list[Line], tables: list[Table]) -> list[Piece]:
    """Return a page's text in reading order, each table where its first word stands."""
    if not tables:
        return in_reading_order(lines)
    owner = {word: table for table in tables for word in table.words}
    placed: set[int] = set()
    pieces: list[Piece] = []
    waiting: list[Line] = []
    for line in lines:
        outside = [word for word in line.words if id(word) not in owner]
        if outside:
            waiting.append(replace(line, words=outside))
        for word in line.words:
            table = owner.get(id(word))
            if table is not None and id(table) not in placed:
                placed.add(id(table))
                pieces += [*in_reading_order(waiting), table.markdown]
                waiting = []
    return [*pieces, *in_reading_order(waiting)]


def _length(piece: Piece) -> int:
    return len(piece) if isinstance(piece, str) else sum(len(word.text) + 1 for word in piece.words)


def _usable(title: str) -> str:
    """Return a metadata title, unless it is a file name that some program left there."""
    leftover = title.lower().endswith((".doc", ".docx", ".indd", ".pdf", ".tex", ".qxd"))
    generated = title.lower().startswith(("microsoft word", "untitled", "(anonymous)"))
    return "" if leftover or generated else title

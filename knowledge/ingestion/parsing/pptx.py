"""PowerPoint: a section for each slide with its text, tables and notes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from knowledge.ingestion.archives import open_archive
from knowledge.ingestion.parsing.packages import document_title, note_macros, refuse_entities
from knowledge.ingestion.parsing.tables import Cell, markdown_table, spread
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

_REPEATED = {
    PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER,
}  # fmt: skip
MAX_NESTING = 50
MAX_SLIDES = 5000
Page = tuple[int, str]


def parse_pptx(content: bytes, name: str) -> ParsedDocument:
    """Read a .pptx; page numbers are those of slides. The title is the first slide's."""
    removed = Removed()
    try:
        with open_archive(content) as archive:
            refuse_entities(archive)
            note_macros(archive, removed)
            own_title = document_title(archive)
        made = Presentation(io.BytesIO(content))
        deck = _Deck(made.slide_width or 0, made.slide_height or 0, removed)
        pages = list(deck.pages(list(made.slides)[:MAX_SLIDES]))
    except (MemoryError, DocumentUnreadable):
        raise
    except Exception as error:
        raise DocumentUnreadable(
            "The presentation is broken and cannot be read. Open it, save it again, and upload "
            "that."
        ) from error
    first = next((text for _, text in pages if text.startswith("## ")), "")
    parts, starts, length = [], [], 0
    for number, text in pages:
        starts.append((length, number))
        parts.append(f"{text}\n\n")
        length += len(parts[-1])
    return ParsedDocument(
        title=first.partition("\n")[0].removeprefix("## ") or own_title or name,
        markdown="".join(parts),
        page_starts=tuple(starts),
        findings=removed.findings(),
    )


@dataclass(frozen=True)
class _Deck:
    """The slides of one file; width and height of a slide are in English metric units."""

    width: int
    height: int
    removed: Removed

    def pages(self, slides: list[Any]) -> Iterator[Page]:
        """Yield each slide that is shown, with its number."""
        for number, slide in enumerate(slides, start=1):
            text = "\n\n".join(self._blocks(slide))
            if slide._element.get("show") in ("0", "false"):
                self.removed.add("hidden_slide", text)
            elif text:
                yield number, text

    def _blocks(self, slide: Any) -> Iterator[str]:
        title = slide.shapes.title
        if title is not None and (words := " ".join(title.text_frame.text.split())):
            yield f"## {words}"
        for shape in self._shapes(slide.shapes, 0):
            if title is None or shape.shape_id != title.shape_id:
                yield from _shape_blocks(shape)
        if slide.has_notes_slide:
            notes = slide.notes_slide.notes_text_frame
            words = notes.text.strip() if notes is not None else ""
            if words:
                yield f"Notes: {words}"

    def _shapes(self, shapes: Any, depth: int) -> Iterator[Any]:
        """Yield the shapes through groups, without hidden ones and what each slide repeats."""
        for shape in shapes:
            properties = next(shape._element.iter("{*}cNvPr"), None)
            if properties is not None and properties.get("hidden") in ("1", "true"):
                self.removed.add("hidden_part", _words(shape))
            elif depth == 0 and self._beside(shape):
                self.removed.add("off_screen", _words(shape))
            elif hasattr(shape, "shapes"):
                if depth < MAX_NESTING:
                    yield from self._shapes(shape.shapes, depth + 1)
            elif not (shape.is_placeholder and shape.placeholder_format.type in _REPEATED):
                yield shape

    def _beside(self, shape: Any) -> bool:
        """Whether a shape lies outside of the slide."""
        left, top, width, height = shape.left, shape.top, shape.width, shape.height
        if None in (left, top, width, height) or not self.width:
            return False
        across = left >= self.width or left + width <= 0
        return bool(across or top >= self.height or top + height <= 0)


def _words(shape: Any) -> str:
    return " ".join(run.text or "" for run in shape._element.iter("{*}t"))


def _shape_blocks(shape: Any) -> Iterator[str]:
    if getattr(shape, "has_table", False) and shape.has_table:
        rows = [[_cell(cell) for cell in row.cells] for row in shape.table.rows]
        if text := markdown_table(spread(rows)):
            yield text
    elif getattr(shape, "has_chart", False) and shape.has_chart:
        if text := _chart(shape.chart):
            yield text
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame)


def _cell(cell: Any) -> Cell:
    if cell.is_spanned:
        return Cell("")
    return Cell(cell.text_frame.text.replace("\v", " "))


def _paragraphs(frame: Any) -> Iterator[str]:
    lines = []
    for paragraph in frame.paragraphs:
        text = paragraph.text.replace("\v", "\n").strip()
        if text:
            lines.append((paragraph.level, text))
    if len(lines) > 1 and any(level for level, _ in lines):
        yield "\n".join(f"{'   ' * level}- {text}" for level, text in lines)
    else:
        yield from (text for _, text in lines)


def _chart(chart: Any) -> str:
    """Return a chart's numbers as a table."""
    plots = list(chart.plots)
    if not plots:
        return ""
    head = ["", *(str(series.name) for series in plots[0].series)]
    columns = [[str(value) for value in series.values] for series in plots[0].series]
    labels = [str(category) for category in plots[0].categories]
    rows = [[label, *cells] for label, *cells in zip(labels, *columns, strict=False)]
    return markdown_table([head, *rows])

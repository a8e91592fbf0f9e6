"""Word: paragraphs, headings, lists, tables and text boxes, without what readers do not see."""

from __future__ import annotations

import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from lxml.etree import _Element

from knowledge.ingestion.archives import open_archive
from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.parsing.html import html_to_markdown
from knowledge.ingestion.parsing.markdown_writer import joined
from knowledge.ingestion.parsing.packages import document_title, main_part, note_macros, related
from knowledge.ingestion.parsing.tables import Cell, markdown_table, spread
from knowledge.ingestion.parsing.word_styles import (
    Numbering,
    Run,
    Style,
    WordStyles,
    outline_level,
    shaded_by,
)
from knowledge.ingestion.parsing.xml_parts import attribute, child, local, parse_part
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import ParsedDocument

# Deleted or moved away, said a second time, or not text.
_SKIPPED = {
    "moveFrom", "Fallback", "rt", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "instrText",
    "delText", "del", "annotationRef",
}  # fmt: skip
_SAID = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": " "}
_BLOCKS = {"p", "tbl", "altChunk"}
_NOTES = ("footnotes", "endnotes")
MAX_LIST_DEPTH = 9
MAX_NESTING = 100
Block = tuple[str, bool]


def parse_docx(content: bytes, name: str) -> ParsedDocument:
    """Read a .docx. The title is the first heading, else the file's own, else the name."""
    with open_archive(content) as archive:
        removed = Removed()
        reader = _Reader(archive, main_part(archive, "word/document.xml"), removed)
        markdown = joined(reader.blocks())
        title = reader.title or document_title(archive) or name
        note_macros(archive, removed)
        return ParsedDocument(title=title, markdown=markdown, findings=removed.findings())


class _Reader:
    """Reads one file's main part and its notes."""

    def __init__(self, archive: zipfile.ZipFile, part: str, removed: Removed) -> None:
        self._archive = archive
        self._removed = removed
        self._parts = related(archive, part)
        self._styles = WordStyles(self._optional("styles"))
        self._numbering = Numbering(self._optional("numbering"))
        self._root = parse_part(archive, part)
        self._counts: dict[tuple[str, int], int] = defaultdict(int)
        self._unseen: dict[str, list[str]] = defaultdict(list)
        self.title = ""

    def blocks(self) -> list[Block]:
        """Return the blocks of the text, then those of the notes."""
        paper = child(self._root, "background")
        blocks = self._flow(self._root, Run(shaded=paper is not None), 0)
        for kind in _NOTES:
            notes = self._optional(kind)
            for note in notes if notes is not None else ():
                # Separators are notes too, of a type of their own.
                if not attribute(note, "type"):
                    blocks += self._flow(note, Run(), 0)
        return blocks

    def _optional(self, kind: str) -> _Element | None:
        for relation in self._parts.values():
            if relation.kind == kind and relation.part in self._archive.NameToInfo:
                return parse_part(self._archive, relation.part)
        return None

    def _flow(self, parent: _Element, run: Run, depth: int) -> list[Block]:
        """Return the blocks below an element, through whatever wraps them."""
        blocks: list[Block] = []
        if depth > MAX_NESTING:
            return blocks
        waiting = list(reversed(parent))
        while waiting:
            element = waiting.pop()
            name = local(element.tag) if isinstance(element.tag, str) else ""
            if name == "p":
                blocks += self._paragraph(element, run, depth)
            elif name == "tbl":
                blocks += self._table(element, run, depth)
            elif name == "altChunk":
                blocks += self._embedded(element)
            elif name and name not in _SKIPPED:
                waiting += reversed(element)
        return blocks

    def _paragraph(self, paragraph: _Element, around: Run, depth: int) -> list[Block]:
        properties = child(paragraph, "pPr")
        style = self._styles.of(properties, "pStyle")
        if style.is_contents:
            return []
        run = shaded_by(replace(style.run, shaded=style.run.shaded or around.shaded), properties)
        boxes: list[_Element] = []
        text = "".join(self._words(paragraph, run, boxes)).strip()
        for code, pieces in self._unseen.items():
            self._removed.add(code, "".join(pieces))
        self._unseen.clear()
        # Boxes are drawn on a ground of their own.
        inner = [
            block
            for box in boxes
            for block in self._flow(box, replace(around, shaded=True), depth + 1)
        ]
        if not text:
            return inner
        return [self._marked(text, properties, style), *inner]

    def _marked(self, text: str, properties: _Element | None, style: Style) -> Block:
        level = outline_level(properties) or style.heading
        if level:
            text = " ".join(text.split())
            self.title = self.title or text
            return f"{'#' * level} {text}", False
        return self._list_item(text, properties, style)

    def _list_item(self, text: str, properties: _Element | None, style: Style) -> Block:
        number = child(properties, "numPr", "numId") if properties is not None else None
        list_id = attribute(number, "val") if number is not None else style.list_id
        if not list_id or list_id == "0":
            return text, False
        found = child(properties, "numPr", "ilvl") if properties is not None else None
        level = attribute(found, "val") if found is not None else "0"
        depth = min(int(level), MAX_LIST_DEPTH) if level.isdecimal() else 0
        for deeper in range(depth + 1, MAX_LIST_DEPTH + 1):
            self._counts.pop((list_id, deeper), None)
        self._counts[(list_id, depth)] += 1
        numbered = self._numbering.is_numbered(list_id, level)
        marker = f"{self._counts[(list_id, depth)]}. " if numbered else "- "
        indent = "   " * depth
        lines = text.split("\n")
        hang = f"\n{indent}{' ' * len(marker)}"
        return f"{indent}{marker}{hang.join(lines)}", True

    def _words(self, paragraph: _Element, run: Run, boxes: list[_Element]) -> Iterator[str]:
        """Yield a paragraph's visible text; text boxes in it are put into `boxes`."""
        waiting: list[tuple[_Element, Run]] = [(one, run) for one in reversed(paragraph)]
        while waiting:
            element, look = waiting.pop()
            name = local(element.tag) if isinstance(element.tag, str) else ""
            if name == "t":
                yield self._seen(element.text or "", look)
            elif name in _SAID and not look.hides():
                yield _SAID[name]
            elif name == "txbxContent":
                boxes.append(element)
            elif name == "AlternateContent":
                waiting.append((_chosen(element), look))
            elif name == "r":
                properties = child(element, "rPr")
                styled = self._styles.of(properties, "rStyle").run
                look = replace(
                    look,
                    hidden=look.hidden or styled.hidden,
                    colour=styled.colour or look.colour,
                    half_points=styled.half_points or look.half_points,
                ).with_properties(properties)
                waiting += [(one, look) for one in reversed(element)]
            elif name and name not in _SKIPPED:
                waiting += [(one, look) for one in reversed(element)]

    def _seen(self, text: str, look: Run) -> str:
        code = look.hides()
        if not code:
            return text
        self._unseen[code].append(text)
        return ""

    def _table(self, table: _Element, around: Run, depth: int) -> list[Block]:
        # A table's style may paint its rows.
        properties = child(table, "tblPr")
        styled = properties is not None and child(properties, "tblStyle") is not None
        look = shaded_by(replace(around, shaded=around.shaded or styled), properties)
        rows: list[list[Cell]] = []
        flows: list[list[Block]] = []
        for row in _below(table, "tr"):
            cells = []
            for cell in _below(row, "tc"):
                made = child(cell, "tcPr")
                blocks = self._flow(cell, shaded_by(look, made), depth + 1)
                flows.append(blocks)
                text = " ".join(text.lstrip("#- ") for text, _ in blocks)
                cells.append(Cell(text, _span(made), 0 if _goes_on(made) else 1))
            rows.append(cells)
        grid = spread(_with_heights(rows))
        if len(grid) < 2 or max(map(len, grid)) < 2:
            return [block for blocks in flows for block in blocks]
        if depth:
            # Markdown has no tables inside cells.
            return [("; ".join(" ".join(filter(None, line)) for line in grid), False)]
        text = markdown_table(grid)
        return [(text, False)] if text else []

    def _embedded(self, element: _Element) -> list[Block]:
        """Return a file that some program put in whole, if it is a web page or text."""
        relation = self._parts.get(attribute(element, "id"))
        if relation is None or relation.part not in self._archive.NameToInfo:
            return []
        text = decode(self._archive.read(relation.part))
        if "<" in text[:1000]:
            text = html_to_markdown(text, self._removed)
        return [(text.strip(), False)] if text.strip() else []


def _chosen(element: _Element) -> _Element:
    """Return the form of alternative content that holds text."""
    options = [one for one in element if isinstance(one.tag, str)]
    for option in options:
        if next(option.iter("{*}t"), None) is not None:
            return option
    return options[0] if options else element


def _below(element: _Element, wanted: str) -> Iterator[_Element]:
    """Yield the rows of a table, or cells of a row, through content controls."""
    waiting = list(reversed(element))
    while waiting:
        one = waiting.pop()
        name = local(one.tag) if isinstance(one.tag, str) else ""
        if name == wanted:
            yield one
        elif name in ("sdt", "sdtContent", "customXml", "ins", "smartTag"):
            waiting += reversed(one)


def _span(properties: _Element | None) -> int:
    span = child(properties, "gridSpan") if properties is not None else None
    value = attribute(span, "val") if span is not None else ""
    return int(value) if value.isdecimal() and int(value) > 0 else 1


def _goes_on(properties: _Element | None) -> bool:
    """Whether a cell continues the one above it."""
    merge = child(properties, "vMerge") if properties is not None else None
    return merge is not None and attribute(merge, "val") != "restart"


def _with_heights(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Turn cells that continue the one above (of height 0) into the height of that one."""
    made: list[list[Cell]] = []
    top: dict[int, tuple[int, int]] = {}
    for row in rows:
        line: list[Cell] = []
        made.append(line)
        column = 0
        for cell in row:
            if cell.rows == 0 and column in top:
                at, index = top[column]
                above = made[at][index]
                made[at][index] = replace(above, rows=above.rows + 1)
            else:
                top[column] = (len(made) - 1, len(line))
                line.append(replace(cell, rows=1))
            column += cell.columns
    return made

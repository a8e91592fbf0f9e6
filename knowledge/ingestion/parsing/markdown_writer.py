"""Writes an HTML tree as Markdown in one pass, however deep it is nested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import regex
from lxml.etree import _Element, iterwalk

from knowledge.ingestion.parsing.tables import Cell, markdown_table, spread

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details",
    "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header",
    "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "option", "p",
    "pre", "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead",
    "title", "tr", "ul", *_HEADINGS,
}  # fmt: skip
_CELLS = {"td", "th"}
_LISTS = {"ul", "ol", "menu"}
_BOLD = {"b", "strong"}
_CODE = {"code", "kbd", "samp", "tt"}
# These are a line of their own in bold, as a heading that has no level.
_LINE_HEADS = {"summary", "dt"}
_SPACES = regex.compile(r"[ \t\r\n\f]+")
_BLANKS = regex.compile(r"[ \t\r\f]+")
_EMPTY_CODE = regex.compile(r"\0\s*\0")
# Lines that mean something in Markdown.
_MARKDOWN_LINES = regex.compile(r"\n[ \t]*(?:\n|#{1,6} |[-*+] |\d+\. |[|>])")
_AROUND_NEWLINE = regex.compile(r" *\n *")
# What would begin a heading or a list by accident. Escaping more would break words that people
# search for.
_ACCIDENT = regex.compile(r"^(#{1,6} )")
MAX_SPAN = 1000
# Deeper lists are an attack or a mistake; their text is kept at this depth.
MAX_DEPTH = 20


@dataclass(slots=True)
class _List:
    """A list that is open; `marker` stands before the next block in it."""

    ordered: bool
    number: int
    marker: str = ""
    implied: bool = False


@dataclass(slots=True)
class _Flow:
    """A place that text flows into: the page, or a cell."""

    blocks: list[tuple[str, bool]] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    bold_length: int = 0
    length: int = 0


@dataclass(slots=True)
class _Table:
    rows: list[list[Cell]] = field(default_factory=list)
    flows: list[_Flow] = field(default_factory=list)
    for_layout: bool = False


class MarkdownWriter:
    """Turns a tree into Markdown: headings, paragraphs, lists, tables, code.

    Links and emphasis keep their words only: addresses and marks inside a sentence are noise to
    search. A line that is bold as a whole stays bold, since it heads what follows.
    `holds_markdown`: the text between the tags is Markdown, whose lines stay as they are.
    """

    def __init__(self, *, holds_markdown: bool = False) -> None:
        self._holds_markdown = holds_markdown
        self._flows = [_Flow()]
        self._tables: list[_Table] = []
        self._lists: list[_List] = []
        self._bold = self._verbatim = self._quotes = 0
        self._openers: dict[str, Callable[[_Element], None]] = {
            "br": self._break_line, "pre": self._begin_pre, "blockquote": self._begin_quote,
            "li": self._begin_item, "table": self._begin_table, "tr": self._begin_row,
            **dict.fromkeys(_BOLD, self._begin_bold), **dict.fromkeys(_CODE, self._mark_code),
            **dict.fromkeys(_LISTS, self._begin_list), **dict.fromkeys(_CELLS, self._begin_cell),
        }  # fmt: skip
        self._closers: dict[str, Callable[[_Element], None]] = {
            "pre": self._end_pre, "blockquote": self._end_quote, "li": self._end_item,
            "table": self._end_table,
            **dict.fromkeys(_BOLD, self._end_bold), **dict.fromkeys(_CODE, self._mark_code),
            **dict.fromkeys(_LISTS, self._end_list), **dict.fromkeys(_CELLS, self._end_cell),
        }  # fmt: skip

    def write(self, root: _Element) -> str:
        """Return the Markdown of a tree."""
        for event, tag in iterwalk(root, events=("start", "end")):
            if not isinstance(tag.tag, str):
                continue
            if event == "start":
                self._open(tag)
                self._add(tag.text)
            else:
                self._close(tag)
                if tag is not root:
                    self._add(tag.tail)
        self._flush()
        return joined(self._flows[0].blocks)

    def _open(self, tag: _Element) -> None:
        if tag.tag in _BLOCKS and not self._verbatim:
            self._flush()
        if (act := self._openers.get(tag.tag)) is not None:
            act(tag)

    def _close(self, tag: _Element) -> None:
        name = tag.tag
        if name in _BLOCKS and name != "pre":
            if self._verbatim:
                self._flows[-1].inline.append("\n")
            else:
                self._flush(_HEADINGS.get(name, 0), name in _LINE_HEADS)
        if (act := self._closers.get(name)) is not None:
            act(tag)

    def _add(self, text: str | None) -> None:
        if not text:
            return
        flow = self._flows[-1]
        as_it_is = self._verbatim or (self._holds_markdown and _MARKDOWN_LINES.search(text))
        flow.inline.append(text if as_it_is else _SPACES.sub(" ", text))
        size = len(text.strip())
        flow.length += size
        flow.bold_length += size if self._bold else 0

    def _break_line(self, _: _Element) -> None:
        self._flows[-1].inline.append("\n")

    def _begin_bold(self, _: _Element) -> None:
        self._bold += 1

    def _end_bold(self, _: _Element) -> None:
        self._bold -= 1

    def _mark_code(self, _: _Element) -> None:
        if not self._verbatim:
            self._flows[-1].inline.append("\0")

    def _begin_pre(self, _: _Element) -> None:
        self._verbatim += 1

    def _end_pre(self, _: _Element) -> None:
        if self._verbatim == 1:
            self._flush()
        self._verbatim -= 1

    def _begin_quote(self, _: _Element) -> None:
        self._quotes += 1

    def _end_quote(self, _: _Element) -> None:
        self._quotes -= 1

    def _begin_list(self, tag: _Element) -> None:
        self._lists.append(_List(tag.tag == "ol", _number(tag.get("start"), 1)))

    def _end_list(self, _: _Element) -> None:
        self._lists.pop()

    def _begin_item(self, _: _Element) -> None:
        if not self._lists:
            self._lists.append(_List(False, 0, implied=True))
        inside = self._lists[-1]
        inside.marker = f"{inside.number}. " if inside.ordered else "- "
        inside.number += 1

    def _end_item(self, _: _Element) -> None:
        if self._lists[-1].implied:
            self._lists.pop()

    def _begin_table(self, tag: _Element) -> None:
        for outer in self._tables:
            outer.for_layout = True
        self._tables.append(_Table(for_layout=tag.get("role") in ("presentation", "none")))

    def _begin_row(self, _: _Element) -> None:
        if self._tables:
            self._tables[-1].rows.append([])

    def _begin_cell(self, _: _Element) -> None:
        if self._tables:
            self._flows.append(_Flow())

    def _end_cell(self, tag: _Element) -> None:
        if not self._tables:
            return
        flow = self._flows.pop()
        table = self._tables[-1]
        if not table.rows:
            table.rows.append([])
        text = " ".join(block for block, _ in flow.blocks)
        columns, rows = _number(tag.get("colspan"), 1), _number(tag.get("rowspan"), 1)
        table.rows[-1].append(Cell(text, columns, rows))
        table.flows.append(flow)

    def _end_table(self, _: _Element) -> None:
        table = self._tables.pop()
        flow = self._flows[-1]
        grid = spread(table.rows)
        if table.for_layout or max((len(line) for line in grid), default=0) < 2:
            for inner in table.flows:
                flow.blocks += inner.blocks
        elif text := markdown_table(grid):
            flow.blocks.append((self._indented(text), False))

    def _flush(self, level: int = 0, line_head: bool = False) -> None:
        """End the paragraph that is being written."""
        flow = self._flows[-1]
        bold = flow.length > 0 and flow.bold_length == flow.length
        if self._verbatim:
            code = "".join(flow.inline).strip("\r\n")
            text = f"```\n{code}\n```" if code.strip() else ""
        else:
            text = _plain(flow, self._holds_markdown)
        flow.inline, flow.length, flow.bold_length = [], 0, 0
        if not text:
            return
        if level:
            text = f"{'#' * level} {text.replace(chr(10), ' ')}"
        elif (bold or line_head) and "\n" not in text and "`" not in text and not self._tables:
            text = f"**{text}**"
        begins_item = bool(self._lists) and bool(self._lists[-1].marker.strip())
        flow.blocks.append((self._indented(text), begins_item))

    def _indented(self, text: str) -> str:
        """Put the list's marker before a block's first line and its room before the others."""
        if not self._lists and not self._quotes:
            return text
        indent = "> " * min(self._quotes, MAX_DEPTH)
        first = hang = ""
        if self._lists:
            indent += "   " * min(len(self._lists) - 1, MAX_DEPTH)
            first = self._lists[-1].marker
            # What follows in the same item is indented below it.
            hang = self._lists[-1].marker = " " * len(first)
        head, *rest = text.split("\n")
        return "\n".join([f"{indent}{first}{head}", *(f"{indent}{hang}{line}" for line in rest)])


def _plain(flow: _Flow, holds_markdown: bool) -> str:
    text = "".join(flow.inline).strip()
    if not (holds_markdown and _MARKDOWN_LINES.search(text)):
        text = _AROUND_NEWLINE.sub("\n", _BLANKS.sub(" ", text))
    text = _EMPTY_CODE.sub("", text).replace("\0", "`")
    return text if holds_markdown else _ACCIDENT.sub(r"\\\1", text)


def joined(blocks: list[tuple[str, bool]]) -> str:
    """Join blocks by an empty line, items of a list by a line end."""
    parts: list[str] = []
    former_tight = False
    for text, tight in blocks:
        if parts:
            parts.append("\n" if tight and former_tight else "\n\n")
        parts.append(text)
        former_tight = tight
    return "".join(parts)


def _number(value: str | None, default: int) -> int:
    if value is None or not value.strip().isdecimal():
        return default
    return min(int(value.strip()[:6]), MAX_SPAN)

"""Cuts Markdown into the sentences, list items and table cells that state something."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_ROW = re.compile(r"^\s*\|.*\|\s*$")
_RULE = re.compile(r"^[\s|:-]+$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_ATTRIBUTES = re.compile(r"\{[:%][^}]*\}|\{\{[^}]*\}\}")
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`|~~")
# Hyphens and spaces that do not break are hyphens and spaces to us.
_PLAIN = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2011": "-", "\u2010": "-"})
_END = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[\"“‘(¿¡]?[A-ZÀ-ÝÄÖÜ0-9])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:[a-z]\.[a-z]|approx|no|nr|mr|mrs|dr|st|inc|ltd|vs|bzw|ca|evtl|max|min|incl|excl|tel|"
    r"ext|est|jan|feb|apr|aug|sept?|oct|nov|dec)\.)$",
    re.IGNORECASE,
)
# Longer ones are tables or lists that lost their line ends.
MAX_CHARACTERS = 600


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, list item or table cell as plain text.

    `lead` is the line that announces the list, or the row's name and the column's header.
    `before` is the sentence it follows, for what "it" stands for. `group` numbers the list, table
    or paragraph it stands in, counted within its text.
    """

    text: str
    lead: str = ""
    before: str = ""
    group: int = 0
    row: str = ""
    is_item: bool = False


def sentences_of(markdown: str) -> Iterator[Sentence]:
    """Yield what a Markdown text states, in order. Headings and code are left out."""
    lead, group = "", 0
    for block in _blocks(markdown):
        group += 1
        if _ROW.match(block[0]):
            yield from _cells(block, group)
            continue
        if _ITEM.match(block[0]):
            for line in block:
                text = plain(_ITEM.sub("", line))
                yield from _split(text, lead, group, is_item=True)
            continue
        text = plain(" ".join(block))
        lead = text if text.endswith(":") else ""
        yield from _split(text, "", group)


def plain(markdown: str) -> str:
    """Return one line of Markdown as the reader sees it."""
    text = _ATTRIBUTES.sub(" ", _IMAGE.sub(" ", markdown))
    text = _TAG.sub(" ", _LINK.sub(r"\1", text))
    text = _MARKS.sub("", html.unescape(text)).translate(_PLAIN)
    return " ".join(text.split())


def _blocks(markdown: str) -> Iterator[list[str]]:
    """Yield paragraphs, whole lists and whole tables, each as its lines."""
    block: list[str] = []
    in_code = False
    for line in markdown.splitlines():
        if _FENCE.match(line):
            in_code = not in_code
            continue
        if in_code:
            continue
        if not line.strip() or _HEADING.match(line):
            # A blank line between two items does not end their list.
            if block and not (_ITEM.match(block[0]) and not line.strip()):
                yield block
                block = []
            if block and _HEADING.match(line):
                yield block
                block = []
            continue
        if block and _kind(block[0]) != _kind(line):
            if _kind(line) == "text" and _ITEM.match(block[0]) and line[:1].isspace():
                block[-1] += " " + line.strip()
                continue
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def _kind(line: str) -> str:
    if _ROW.match(line):
        return "row"
    return "item" if _ITEM.match(line) else "text"


def _split(text: str, lead: str, group: int, *, is_item: bool = False) -> Iterator[Sentence]:
    before = ""
    for sentence in _sentences(text):
        if len(sentence) <= MAX_CHARACTERS:
            yield Sentence(sentence, lead, before, group, is_item=is_item)
        before = sentence


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for found in _END.finditer(text):
        if not _ABBREVIATION.search(text[start : found.start()].rstrip('"”’)')):
            yield text[start : found.start()].strip()
            start = found.end()
    if text[start:].strip():
        yield text[start:].strip()


def _cells(rows: list[str], group: int) -> Iterator[Sentence]:
    """Yield each cell of a table as "row, column: cell"."""
    cut = [[plain(cell) for cell in row.strip().strip("|").split("|")] for row in rows]
    cut = [row for row in cut if not all(_RULE.match(cell or "-") for cell in row)]
    if len(cut) < 2:
        return
    header = cut[0]
    for row in cut[1:]:
        for column, cell in zip(header[1:], row[1:], strict=False):
            if row[0] and cell:
                named = f"{row[0]}, {column}"
                yield Sentence(f"{named}: {cell}", "", "", group, named.casefold(), is_item=True)

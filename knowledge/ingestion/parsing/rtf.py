"""RTF: its text by striprtf, after pictures and what readers do not see have been taken out."""

from __future__ import annotations

from typing import NamedTuple

import regex
from striprtf.striprtf import rtf_to_text

from knowledge.ingestion.parsing.rtf_source import TOKEN, without_data
from knowledge.ingestion.parsing.tables import markdown_table
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import ParsedDocument

_HIDING = regex.compile(r"\\(?:v|deleted)(?![a-zA-Z])|\\fs[0-5](?!\d)|\\cf[1-9]")
_COLOUR = regex.compile(r"\\(red|green|blue)(\d{1,3})")
_TITLE = regex.compile(r"\{\\title ([^{}\\]+)\}")
# Nobody reads white (or nearly) on paper, nor type of less than three points.
WHITE_FROM = 248
TINY_HALF_POINTS = 6
_GROUND = {"cb", "chcbpat", "highlight", "clcbpat", "cbpat"}
# A tracked deletion is no longer part of the text, and no finding.
_DELETED = "deleted"


class _Look(NamedTuple):
    """How text looks: hidden, deleted, its colour, its size, on a ground of its own."""

    hidden: bool = False
    deleted: bool = False
    colour: int = 0
    half_points: int = 24
    on_ground: bool = False


def parse_rtf(content: bytes, name: str) -> ParsedDocument:
    """Read an RTF file. The title is its own, else the name."""
    source = without_data(content.decode("latin-1").lstrip())
    removed = Removed()
    if _HIDING.search(source):
        source = _without_hidden(source, removed)
    text = str(rtf_to_text(source, errors="replace"))  # type: ignore[no-untyped-call]
    # Characters beyond the first plane come in two halves.
    text = text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
    found = _TITLE.search(source)
    title = found.group(1).strip() if found else ""
    return ParsedDocument(
        title=title or name, markdown=_paragraphs(text), findings=removed.findings()
    )


def _paragraphs(text: str) -> str:
    """Return lines as paragraphs, and lines of cells as tables."""
    blocks: list[str] = []
    rows: list[list[str]] = []
    for line in text.split("\n"):
        if line.rstrip().endswith("|"):
            rows.append(line.rstrip()[:-1].split("|"))
            continue
        if rows:
            blocks.append(markdown_table(rows))
            rows = []
        blocks.append(line.strip())
    if rows:
        blocks.append(markdown_table(rows))
    return "\n\n".join(block for block in blocks if block)


def _without_hidden(source: str, removed: Removed) -> str:
    """Return the source without the text of hidden runs; its groups and words stay."""
    white = _white_colours(source)
    kept: list[str] = []
    hidden_text: list[str] = []
    look = _Look()
    # How text looks in the groups that are open.
    groups: list[_Look] = []
    for token in TOKEN.finditer(source):
        brace, word = token.group("brace"), token.group("word")
        code = _code(look, white)
        if brace == "{":
            groups.append(look)
        elif brace and groups:
            look = groups.pop()
        elif word and not (code and word == "u"):
            look = _changed(look, word, token.group("number"))
        elif code:
            hidden_text.append(_said(token))
            continue
        if hidden_text and _code(look, white) != code:
            if code != _DELETED:
                removed.add(code, "".join(hidden_text))
            hidden_text = []
        kept.append(token.group())
    return "".join(kept)


def _said(token: regex.Match[str]) -> str:
    if code := token.group("code"):
        return bytes.fromhex(code).decode("cp1252", errors="replace")
    return str(token.group("text") or "")


def _code(look: _Look, white: set[int]) -> str:
    if look.deleted:
        return _DELETED
    if look.hidden:
        return "invisible_text"
    if look.half_points < TINY_HALF_POINTS:
        return "tiny_text"
    return "same_colour" if look.colour in white and not look.on_ground else ""


def _changed(look: _Look, word: str, number: str | None) -> _Look:
    value = int(number) if number else 0
    match word:
        case "plain":
            return _Look()
        case "v":
            return look._replace(hidden=number != "0")
        case "deleted":
            return look._replace(deleted=number != "0")
        case "cf":
            return look._replace(colour=value)
        case "fs":
            return look._replace(half_points=value)
        case _ if word in _GROUND:
            return look._replace(on_ground=value > 0)
    return look


def _white_colours(source: str) -> set[int]:
    """Return the numbers of the colours in the colour table that paper swallows."""
    start = source.find("{\\colortbl")
    table = source[start : source.find("}", start)] if start >= 0 else ""
    white = set()
    for number, entry in enumerate(table.split(";")):
        parts = [int(value) for _, value in _COLOUR.findall(entry)]
        if len(parts) == 3 and min(parts) >= WHITE_FROM:
            white.add(number)
    return white

"""RTF: its text by striprtf, after hidden runs have been taken out."""

from __future__ import annotations

import regex
from striprtf.striprtf import rtf_to_text

from knowledge.ingestion.parsing.tables import markdown_table
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import ParsedDocument

# A control word, a character by code, a control symbol, a brace, or text.
_TOKEN = regex.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'[0-9a-fA-F]{2}|\\[^a-zA-Z]"
    r"|(?P<brace>[{}])|(?P<text>[^\\{}]+)"
)
_HIDING = regex.compile(r"\\v(?![a-zA-Z])|\\fs[0-5](?!\d)|\\cf[1-9]")
_COLOUR = regex.compile(r"\\(red|green|blue)(\d{1,3})")
_TITLE = regex.compile(r"\{\\title ([^{}\\]+)\}")
# Nobody reads white (or nearly) on paper, nor type of less than three points.
WHITE_FROM = 248
TINY_HALF_POINTS = 6
_GROUND = {"cb", "chcbpat", "highlight", "clcbpat", "cbpat"}


def parse_rtf(content: bytes, name: str) -> ParsedDocument:
    """Read an RTF file. The title is its own, else the name."""
    source = content.decode("latin-1").lstrip()
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
    # (hidden, colour, half points, on a ground of its own) of the groups that are open
    look: tuple[bool, int, int, bool] = (False, 0, 24, False)
    groups: list[tuple[bool, int, int, bool]] = []
    for token in _TOKEN.finditer(source):
        brace, word = token.group("brace"), token.group("word")
        code = _code(look, white)
        if brace == "{":
            groups.append(look)
        elif brace and groups:
            look = groups.pop()
        elif word:
            look = _changed(look, word, token.group("number"))
        elif code:
            hidden_text.append(token.group("text") or "")
            continue
        if hidden_text and not _code(look, white):
            removed.add(code or "invisible_text", "".join(hidden_text))
            hidden_text = []
        kept.append(token.group())
    return "".join(kept)


def _code(look: tuple[bool, int, int, bool], white: set[int]) -> str:
    hidden, colour, half_points, on_ground = look
    if hidden:
        return "invisible_text"
    if half_points < TINY_HALF_POINTS:
        return "tiny_text"
    return "same_colour" if colour in white and not on_ground else ""


def _changed(
    look: tuple[bool, int, int, bool], word: str, number: str | None
) -> tuple[bool, int, int, bool]:
    hidden, colour, half_points, on_ground = look
    value = int(number) if number else 0
    if word == "plain":
        return False, 0, 24, False
    if word == "v":
        hidden = number != "0"
    elif word == "cf":
        colour = value
    elif word == "fs":
        half_points = value
    elif word in _GROUND:
        on_ground = value > 0
    return hidden, colour, half_points, on_ground


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

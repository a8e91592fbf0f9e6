"""The source of an RTF file, made ready for a reader of its text."""

from __future__ import annotations

from collections.abc import Iterator

import regex

# A control word, a character by code, a control symbol, a brace, or text.
TOKEN = regex.compile(
    r"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?|\\'(?P<code>[0-9a-fA-F]{2})"
    r"|\\[^a-zA-Z]|(?P<brace>[{}])|(?P<text>[^\\{}]+)"
)
# Pictures, data of objects, and what a field is made from; what it shows is a group of its own.
_WORDLESS = {"pict", "shppict", "nonshppict", "objdata", "fldinst"}
# A new line in a cell would end the row.
_BREAKS = {"line", "par"}
_BREAK_IN_CELL = "\\tab "


def without_data(source: str) -> str:
    """Return the source without pictures, binary data and field instructions; rows stay whole.

    Bytes are skipped as counted by `\\bin` (RTF 1.9.1, Pictures), so braces among them count for
    nothing.
    """
    kept: list[str] = []
    in_cell = False
    groups: list[bool] = []
    # How many groups were open where a group without words began.
    dropped_from = 0
    for token in _tokens(source):
        word, brace = token.group("word"), token.group("brace")
        if brace == "{":
            groups.append(in_cell)
        elif brace and groups:
            if len(groups) == dropped_from:
                dropped_from = 0
            in_cell = groups.pop()
        elif word in _WORDLESS and groups and not dropped_from:
            dropped_from = len(groups)
        elif word in ("intbl", "pard"):
            in_cell = word == "intbl"
        if dropped_from or word == "bin":
            continue
        kept.append(_BREAK_IN_CELL if in_cell and word in _BREAKS else token.group())
    return "".join(kept)


def _tokens(source: str) -> Iterator[regex.Match[str]]:
    """Yield the tokens; the data after a `\\bin` is none."""
    at = 0
    while token := TOKEN.search(source, at):
        at = token.end()
        length = int(token.group("number") or 0) if token.group("word") == "bin" else 0
        # A count beyond the end is a mistake that must not take the rest of the text along.
        if 0 < length <= len(source) - at:
            at += length
        yield token

"""Markdown and MDX: front matter, title, the text as it is."""

from __future__ import annotations

import regex

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.parsing.front_matter import (
    day_of,
    said,
    split_front_matter,
    with_page_values,
)
from knowledge.ingestion.parsing.html import html_in_markdown
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import ParsedDocument

# What readers do not see, from an opening to a closing mark; code in a line is shown.
_OPENING = regex.compile(r"`[^`\n]+`|<!--|\{/\*|\{%")
_CLOSING = {"<!--": "-->", "{/*": "*/}", "{%": "%}"}
_COMMENTS = {"<!--", "{/*"}
MAX_TEMPLATE_TAG = 2000
# A link that nothing refers to, which many use for notes to themselves.
_LINK_COMMENT = regex.compile(r"^\[(?://|comment|#|_)\]:[ \t]*(?:#|<>)[ \t]*([^\n]*)$", regex.M)
_CODE_ELEMENT = regex.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", regex.S | regex.I)
_MDX_MODULE = regex.compile(r"^(?:import|export)\s.*(?:from\s+['\"].*['\"];?|=.*)\s*$", regex.M)
_TAG = regex.compile(
    r"</?[A-Za-z][\w.]*(?:\s+[\w:-]+(?:=(?:\"[^\"]*\"|'[^']*'|\{[^{}]*\}))?)*\s*/?>"
)
_TITLED_TAG = regex.compile(r"<[A-Z]\w*\s[^<>]*?title=\"([^\"]+)\"[^<>]*>")
# A balanced element that begins a line; the bound keeps hostile nesting from taking long.
_HTML_BLOCK = regex.compile(
    r"^[ \t]{0,3}(<(div|ol|ul|table|details|section)\b[^<>]*>"
    r"(?:[^<]++|<(?!/?\2\b)|(?1))*+</\2>)",
    regex.M,
)
# An element that may hide its text.
_STYLED = regex.compile(
    r"<([a-z]\w*)\b(?:[^<>]*\s)?(?:style|hidden|aria-hidden|color)\b[^<>]*(?<!/)>", regex.I
)
_KRAMDOWN = regex.compile(r"\{:[^{}\n]*\}")
_FENCE = regex.compile(r"(^```.*?^```[ \t]*$)", regex.M | regex.S)
_FIRST_HEADING = regex.compile(r"^#{1,2}\s+(.+?)\s*#*\s*$", regex.M)


def parse_markdown(content: bytes, name: str) -> ParsedDocument:
    """Read Markdown. The title is the front matter's, the first heading, or the name."""
    front, body = split_front_matter(decode(content))
    removed = Removed()
    # What stands in code blocks is shown to readers as it is.
    parts = _FENCE.split(body)
    shown: set[str] = set()
    parts[::2] = [
        _without_markup(with_page_values(part, front, shown), removed) for part in parts[::2]
    ]
    markdown = "".join(parts)
    heading = _FIRST_HEADING.search(markdown)
    title = said(front, "title") or (heading.group(1) if heading else name)
    url = said(front, "url") or said(front, "permalink")
    return ParsedDocument(
        title=title.strip().strip("*_`"),
        markdown=markdown,
        url=url if url.startswith(("http://", "https://")) else "",
        updated=day_of(front),
        findings=removed.findings(),
    )


def _without_markup(text: str, removed: Removed) -> str:
    def link_comment(found: regex.Match[str]) -> str:
        removed.add("comment", found.group(1))
        return ""

    def block(found: regex.Match[str]) -> str:
        return f"\n\n{html_in_markdown(found.group(), removed).strip()}\n\n"

    if "<" in text or "{" in text or "]:" in text:
        text = _without_comments(text, removed)
        text = _LINK_COMMENT.sub(link_comment, text)
        text = _CODE_ELEMENT.sub("", text)
        text = _HTML_BLOCK.sub(block, text)
        text = _without_hidden_elements(text, removed)
        text = _TITLED_TAG.sub(r"\n**\1**\n", text)
        text = _TAG.sub("", _KRAMDOWN.sub("", text))
    return _MDX_MODULE.sub("", text)


def _without_comments(text: str, removed: Removed) -> str:
    """Take comments and template tags out, in time that grows with the text only."""
    parts: list[str] = []
    unclosed: set[str] = set()
    kept_to = at = 0
    while found := _OPENING.search(text, at):
        opening = found.group()
        at = found.end()
        closing = _CLOSING.get(opening)
        if closing is None or opening in unclosed:
            continue
        is_comment = opening in _COMMENTS
        line_end = text.find("\n", at, at + MAX_TEMPLATE_TAG)
        # A template's table or list of several lines has its words in it, and stays.
        most = len(text) if is_comment else (line_end if line_end >= 0 else at + MAX_TEMPLATE_TAG)
        end = text.find(closing, at, most)
        if end < 0:
            unclosed |= {opening} & _COMMENTS
            continue
        if is_comment:
            removed.add("comment", text[at:end])
        parts.append(text[kept_to : found.start()])
        kept_to = at = end + len(closing)
    return "".join([*parts, text[kept_to:]])


def _without_hidden_elements(text: str, removed: Removed) -> str:
    """Convert the elements that may hide their text, nested ones of their name included."""
    parts: list[str] = []
    unclosed: set[str] = set()
    at = 0
    while found := _STYLED.search(text, at):
        name = found.group(1).lower()
        end = None if name in unclosed else _end_of(name, text, found.end())
        if end is None:
            unclosed.add(name)
            parts.append(text[at : found.end()])
            at = found.end()
        else:
            parts += [
                text[at : found.start()],
                html_in_markdown(text[found.start() : end], removed),
            ]
            at = end
    return "".join([*parts, text[at:]])


def _end_of(name: str, text: str, start: int) -> int | None:
    """Return where the element of this name ends whose opening tag ends at `start`."""
    depth = 1
    for tag in regex.finditer(rf"<(/?){name}\b[^<>]*>", text, regex.I, pos=start):
        depth += -1 if tag.group(1) else 1
        if depth == 0:
            return tag.end()
    return None

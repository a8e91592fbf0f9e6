"""Markdown and MDX: front matter, title, the text as it is."""

from __future__ import annotations

from typing import Any

import regex
import yaml
from bs4 import BeautifulSoup

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.parsing.html import html_to_markdown
from knowledge.ingestion.values import ParsedDocument

_FRONT_MATTER = regex.compile(r"\A\s*---\s*\n(.*?)\n---\s*(?:\n|\Z)", regex.S)
_COMMENT = regex.compile(r"<!--.*?-->|\{/\*.*?\*/\}", regex.S)
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
_LIQUID = regex.compile(r"\{%.*?%\}|\{:[^{}\n]*\}")
_FENCE = regex.compile(r"(^```.*?^```[ \t]*$)", regex.M | regex.S)
_FIRST_HEADING = regex.compile(r"^#{1,2}\s+(.+?)\s*#*\s*$", regex.M)


def parse_markdown(content: bytes, name: str) -> ParsedDocument:
    """Read Markdown. The title is the front matter's, the first heading, or the name."""
    front, body = split_front_matter(decode(content))
    # What stands in code blocks is shown to readers as it is.
    parts = _FENCE.split(body)
    parts[::2] = [_without_markup(part) for part in parts[::2]]
    markdown = "".join(parts)
    heading = _FIRST_HEADING.search(markdown)
    title = str(front.get("title") or (heading.group(1) if heading else name))
    url = str(front.get("url") or front.get("permalink") or "")
    return ParsedDocument(
        title=title.strip().strip("*_`"),
        markdown=markdown,
        url=url if url.startswith(("http://", "https://")) else "",
    )


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Return the YAML front matter (empty when absent or broken) and the rest."""
    found = _FRONT_MATTER.match(text)
    if not found:
        return {}, text
    try:
        front = yaml.safe_load(found.group(1))
    except yaml.YAMLError:
        front = None
    return (front if isinstance(front, dict) else {}), text[found.end() :]


def _html_as_markdown(block: regex.Match[str]) -> str:
    """Turn a block of HTML in a Markdown file (an accordion, a table) into Markdown."""
    converted = html_to_markdown(BeautifulSoup(block.group(), "lxml")).strip()
    return f"\n\n{converted}\n\n"


def _without_markup(text: str) -> str:
    text = _COMMENT.sub("", text)
    text = _HTML_BLOCK.sub(_html_as_markdown, text)
    text = _MDX_MODULE.sub("", text)
    text = _TITLED_TAG.sub(r"\n**\1**\n", text)
    return _TAG.sub("", _LIQUID.sub("", text))

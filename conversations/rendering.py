"""Markdown to HTML that is safe anywhere: the one renderer for page, admin and mail.

markdown-it-py with HTML and images off, then nh3 with a list of what may stay. Links keep only
http, https and mailto. Citation markers become buttons afterwards, from digits alone.
"""

from __future__ import annotations

import nh3
import regex
from markdown_it import MarkdownIt

ALLOWED_TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "hr",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_MARKER = regex.compile(r"\[(\d{1,2})\](?![(:])")
# Stands after a sentence that the sources hold only in part.
_DOUBT = "[?]"
_DOUBT_HTML = '<span class="doubt" title="Only in part in the sources">[?]</span>'
_TAG_OR_CODE = regex.compile(r"(<pre>.*?</pre>|<code>.*?</code>|<a\b.*?</a>|<[^>]*>)", regex.S)

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable("table")
_parser.disable(["image", "html_block", "html_inline"])


def render_markdown(text: str, markers: frozenset[int] = frozenset()) -> str:
    """Return safe HTML; `markers` are the citation numbers that become buttons."""
    html = nh3.clean(
        _parser.render(text),
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return _with_buttons(html, markers) if markers else html


def _with_buttons(html: str, markers: frozenset[int]) -> str:
    # Only in text between tags: never inside code, links or attributes.
    parts = _TAG_OR_CODE.split(html)
    parts[::2] = [_marked(part, markers) for part in parts[::2]]
    return "".join(parts)


def _marked(part: str, markers: frozenset[int]) -> str:
    part = _MARKER.sub(lambda match: _button(match.group(1), markers), part)
    return part.replace(_DOUBT, _DOUBT_HTML)


def _button(number: str, markers: frozenset[int]) -> str:
    if int(number) not in markers:
        return f"[{number}]"
    return (
        f'<button type="button" class="citation" data-marker="{int(number)}" '
        f'aria-label="Source {int(number)}">{int(number)}</button>'
    )

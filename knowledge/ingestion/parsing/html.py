"""HTML: the main content as Markdown, without what readers do not see."""

from __future__ import annotations

import regex
from bs4 import BeautifulSoup, Comment, Tag
from markdownify import MarkdownConverter

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.values import ParsedDocument

_NOT_CONTENT = [
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas",
    "form", "button", "input", "select", "nav", "header", "footer", "aside", "head", "img",
]  # fmt: skip
_KEPT_IN_ARTICLES = {"header"}
_HIDDEN = regex.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.)", regex.I
)
_META_CHARSET = regex.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", regex.I)
MIN_MAIN_CHARACTERS = 200


class _Converter(MarkdownConverter):
    """Markdown with # headings; links keep their words only."""

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """Return a link's words: addresses are noise to search and to readers."""
        return text


def parse_html(content: bytes, name: str) -> ParsedDocument:
    """Read a web page. The title is its `title` or first heading, else the name."""
    soup = BeautifulSoup(_decoded(content), "lxml")
    title = _title(soup) or name
    canonical = soup.find("link", rel="canonical")
    url = str(canonical.get("href") or "") if isinstance(canonical, Tag) else ""
    return ParsedDocument(
        title=title,
        markdown=html_to_markdown(soup),
        url=url if url.startswith(("http://", "https://")) else "",
    )


def html_to_markdown(soup: BeautifulSoup) -> str:
    """Return the page's main content as Markdown."""
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in soup.find_all(_hidden):
        tag.decompose()
    # The heading of an accordion is a button; its words are content.
    for button in soup.select("h1 button, h2 button, h3 button, h4 button, h5 button, summary *"):
        button.unwrap()
    root = _main(soup)
    for tag in root.find_all(_NOT_CONTENT):
        if not (tag.name in _KEPT_IN_ARTICLES and tag.find_parent("article")):
            tag.decompose()
    converter = _Converter(heading_style="ATX", bullets="-", escape_misc=False)
    return str(converter.convert_soup(root))


def _decoded(content: bytes) -> str:
    declared = _META_CHARSET.search(content[:4096])
    if declared and not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        try:
            return content.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content)


def _title(soup: BeautifulSoup) -> str:
    for tag in (soup.find("title"), soup.find("h1")):
        if isinstance(tag, Tag) and tag.get_text(strip=True):
            return " ".join(tag.get_text(" ", strip=True).split())
    return ""


def _hidden(tag: Tag) -> bool:
    if tag.has_attr("hidden") or tag.get("aria-hidden") == "true":
        return True
    return bool(_HIDDEN.search(str(tag.get("style") or "")))


def _main(soup: BeautifulSoup) -> Tag:
    for candidate in (soup.find("main"), soup.find("article"), soup.find(role="main")):
        if (
            isinstance(candidate, Tag)
            and len(candidate.get_text(strip=True)) >= MIN_MAIN_CHARACTERS
        ):
            return candidate
    return soup.body if soup.body is not None else soup

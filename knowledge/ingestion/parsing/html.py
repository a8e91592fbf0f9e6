"""HTML: the main content as Markdown, without what readers do not see."""

from __future__ import annotations

import regex
from lxml.etree import ParserError, XMLSyntaxError, _Element
from lxml.html import HTMLParser, document_fromstring

from knowledge.ingestion.parsing.encodings import decode, decode_declared
from knowledge.ingestion.parsing.hidden import drop, remove_hidden
from knowledge.ingestion.parsing.markdown_writer import MarkdownWriter
from knowledge.ingestion.parsing.xml_parts import raise_limits
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import TOO_DEEP, DocumentUnreadable, ParsedDocument

BROKEN = "The page is broken and cannot be read. Save it again and upload that."
_NEVER_CONTENT = (
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas",
    "button", "input", "select", "textarea", "nav", "footer", "img", "head", "video", "audio",
    "map", "math", "datalist", "progress", "meter",
)  # fmt: skip
# A note beside the text or a page's own head: content inside an article, navigation outside.
_CONTENT_IN_ARTICLES = ("header", "aside")
# The heading of an accordion is a button; its words are content.
_HEADING_BUTTONS = (
    ".//*[self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or self::summary "
    "or self::dt]//button"
)
_ROLE_TAGS = {
    "navigation": "nav", "banner": "header", "contentinfo": "footer", "complementary": "aside",
}  # fmt: skip
_WHOLE = {"html", "body", "main", "article"}
_HOLDS_CONTENT = ".//*[self::main or self::article or @role='main']"
_META_CHARSET = regex.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", regex.I)
_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_NOT_IN_TEXT = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
MIN_MAIN_CHARACTERS = 200
# Some sites put the whole page into a form; others have one to search with.
MIN_FORM_SHARE = 0.5
MIN_ARTICLE_SHARE = 0.5


def parse_html(content: bytes, name: str) -> ParsedDocument:
    """Read a web page. The title is its `title` or first heading, else the name."""
    root = parse_tree(decode_html(content))
    removed = Removed()
    title = _title(root) or name
    canonical = root.xpath("string(.//link[@rel='canonical']/@href)")
    markdown = tree_to_markdown(root, removed)
    return ParsedDocument(
        title=title,
        markdown=markdown,
        url=canonical if canonical.startswith(("http://", "https://")) else "",
        findings=removed.findings(),
    )


def parse_tree(text: str) -> _Element:
    """Return the tree of a page or a piece. Raises DocumentUnreadable for endless nesting."""
    # Bytes of known encoding: a declaration in the text must not overrule it.
    parser = HTMLParser(encoding="utf-8", huge_tree=True)
    data = _NOT_IN_TEXT.sub(" ", text).encode("utf-8", errors="replace")
    try:
        root = document_fromstring(data, parser=parser)
    except XMLSyntaxError as error:
        raise_limits(error)
        raise DocumentUnreadable(BROKEN) from error
    except ParserError:
        # There is nothing in it.
        return document_fromstring("<p></p>")
    if any("Excessive depth" in entry.message for entry in parser.error_log):
        raise DocumentUnreadable(TOO_DEEP)
    return root


def html_to_markdown(html: str, removed: Removed, in_book: bool = False) -> str:
    """Return a piece of HTML as Markdown. Raises DocumentUnreadable for endless nesting."""
    return tree_to_markdown(parse_tree(html), removed, in_book=in_book)


def html_in_markdown(html: str, removed: Removed) -> str:
    """Return a piece of HTML from a Markdown file as Markdown; its text may be Markdown itself."""
    return tree_to_markdown(parse_tree(html), removed, MarkdownWriter(holds_markdown=True))


def tree_to_markdown(
    root: _Element,
    removed: Removed,
    writer: MarkdownWriter | None = None,
    in_book: bool = False,
) -> str:
    """Return a page's main content as Markdown; what is hidden is noted.

    A book (`in_book`) has no sidebars: its asides are notes and warnings.
    """
    remove_hidden(root, removed)
    _name_by_role(root)
    for button in root.xpath(_HEADING_BUTTONS):
        button.tag = "span"
    main = _main(root)
    for tag in list(main.iter(*_NEVER_CONTENT)):
        if tag is not main:
            drop(tag)
    if not in_book:
        _drop_asides(main)
    return (writer or MarkdownWriter()).write(main)


def _name_by_role(root: _Element) -> None:
    """Give parts of a page that say by a role what they are the tag of that role."""
    for tag in root.xpath(".//*[@role]"):
        role = next(iter(str(tag.get("role")).lower().split()), "")
        if role in _ROLE_TAGS and tag.tag not in _WHOLE and not tag.xpath(_HOLDS_CONTENT):
            tag.tag = _ROLE_TAGS[role]


def _drop_asides(main: _Element) -> None:
    """Drop what stands beside the content: sidebars, page heads, forms that are not the page."""
    holders = main.xpath("descendant-or-self::article[not(ancestor::article)]")
    if sum(map(_length, holders)) < _length(main) * MIN_ARTICLE_SHARE:
        # Articles that are only cards on the page.
        holders += main.xpath("descendant-or-self::*[self::main or @role='main']")
    inside = set(holders)
    for tag in list(main.iter(*_CONTENT_IN_ARTICLES)):
        if not any(above in inside for above in tag.iterancestors()):
            drop(tag)
    whole = _length(main)
    for form in list(main.iter("form")):
        if _length(form) < whole * MIN_FORM_SHARE:
            drop(form)


def decode_html(content: bytes) -> str:
    """Return a page's text: by the encoding it declares if that fits, else by its bytes."""
    declared = _META_CHARSET.search(content[:4096])
    label = declared.group(1).decode("ascii", errors="replace") if declared else ""
    # A declaration that can be read byte by byte is not in two-byte characters.
    is_wide = label.lower().startswith("utf-16")
    if label and not is_wide and not content.startswith(_MARKS):
        try:
            return decode_declared(content, label)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content)


def _title(root: _Element) -> str:
    for path in (".//head/title", ".//h1", ".//title[not(ancestor::svg)]"):
        for tag in root.xpath(path):
            if words := " ".join(tag.text_content().split()):
                return words
    return ""


def _main(root: _Element) -> _Element:
    """Return the element that holds the page's content."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = [tag for tag in root.xpath(path) if _length(tag) >= MIN_MAIN_CHARACTERS]
        if len(found) == 1:
            return found[0]
        if found:
            return _around(found)
    bodies = root.xpath("self::body | .//body")
    return bodies[0] if bodies else root


def _around(tags: list[_Element]) -> _Element:
    """Return the innermost element that holds all of these."""
    shared = set(tags[0].iterancestors())
    for tag in tags[1:]:
        shared &= set(tag.iterancestors())
    return next(above for above in tags[0].iterancestors() if above in shared)


def _length(tag: _Element) -> int:
    return len("".join(tag.text_content().split()))

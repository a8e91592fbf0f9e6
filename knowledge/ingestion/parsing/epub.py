"""EPUB: its chapters in the order of the book, each a web page."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

from lxml.etree import _Element

from knowledge.ingestion.archives import open_archive, read_part
from knowledge.ingestion.parsing.html import decode_html, html_to_markdown
from knowledge.ingestion.parsing.xml_parts import attribute, child, local, parse_xml
from knowledge.ingestion.removed import Removed
from knowledge.ingestion.values import DocumentUnreadable, ParsedDocument

CONTAINER = "META-INF/container.xml"
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_FONT_MASKS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc")


def parse_epub(content: bytes, name: str) -> ParsedDocument:
    """Read an EPUB. The title is the book's, else the name."""
    with open_archive(content) as archive:
        _check_protection(archive)
        package_name = _package_name(archive)
        package = _tree(archive, package_name)
        removed = Removed()
        chapters = []
        for page in _pages(package, posixpath.dirname(package_name)):
            if page in archive.NameToInfo:
                chapters.append(_chapter(archive, page, removed))
        title = child(package, "metadata", "title")
        words = " ".join((title.text or "").split()) if title is not None else ""
    return ParsedDocument(
        title=words or name,
        markdown="\n\n".join(chapter for chapter in chapters if chapter),
        findings=removed.findings(),
    )


def _chapter(archive: zipfile.ZipFile, page: str, removed: Removed) -> str:
    html = decode_html(read_part(archive, page))
    return html_to_markdown(html, removed, in_book=True).strip()


def _tree(archive: zipfile.ZipFile, name: str) -> _Element:
    try:
        # Books of the second version declare a document type; entities are not resolved.
        return parse_xml(read_part(archive, name))
    except KeyError as error:
        raise DocumentUnreadable(
            "The book is broken: its list of contents is missing. Export it again."
        ) from error


def _package_name(archive: zipfile.ZipFile) -> str:
    for element in _tree(archive, CONTAINER).iter("{*}rootfile"):
        if path := attribute(element, "full-path"):
            return path
    raise DocumentUnreadable(
        "The book is broken: its list of contents is missing. Export it again."
    )


def _pages(package: _Element, folder: str) -> Iterator[str]:
    """Yield the names of the pages in reading order; pages of navigation repeat headings."""
    items: dict[str, str] = {}
    for item in package.iter("{*}item"):
        is_page = attribute(item, "media-type") in _PAGES
        if is_page and "nav" not in attribute(item, "properties").split():
            path = posixpath.normpath(posixpath.join(folder, unquote(attribute(item, "href"))))
            items[attribute(item, "id")] = path
    spine = child(package, "spine")
    for reference in spine if spine is not None else ():
        listed = items.get(attribute(reference, "idref"))
        if listed is not None and local(reference.tag) == "itemref":
            yield listed


def _check_protection(archive: zipfile.ZipFile) -> None:
    """Refuse a book that is encrypted; only its fonts may be."""
    if "META-INF/encryption.xml" not in archive.NameToInfo:
        return
    for method in _tree(archive, "META-INF/encryption.xml").iter("{*}EncryptionMethod"):
        if not attribute(method, "Algorithm").startswith(_FONT_MASKS):
            raise DocumentUnreadable(
                "The book is encrypted (DRM) and cannot be read. Upload a version without "
                "protection."
            )

"""Reads sitemaps (sitemaps.org protocol 0.9): XML, lists of addresses as text, packed or not.

As a stream that ends as soon as enough was read, so a million entries cost no more than the first
few. Entities are never expanded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from knowledge.sources.values import SourceUnreadable
from providers.web.unpacking import GZIP_MAGIC, unpacked

MAX_BYTES = 10 * 1024 * 1024
# Parts of a sitemap index that are read.
MOST_PARTS = 100
PIECE_BYTES = 64 * 1024
MOST_ADDRESS_CHARACTERS = 2000
# urlset > url > loc; an image's is one further down.
_LOC_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one file lists. `is_index`: its addresses are those of sitemaps. `has_more`: cut."""

    addresses: tuple[str, ...]
    is_index: bool = False
    has_more: bool = False


def read_sitemap(content: bytes, most: int, *, was_cut: bool = False) -> Sitemap:
    """Return at most `most` addresses. Raises SourceUnreadable.

    `was_cut` says that the content is only the beginning of a larger file.
    """
    if content.startswith(GZIP_MAGIC):
        content, cut_again = unpacked([content], "gzip", MAX_BYTES)
        was_cut = was_cut or cut_again
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"<"):
        return _read_xml(content, most, was_cut=was_cut)
    return _read_lines(content, most, was_cut=was_cut)


def _read_xml(content: bytes, most: int, *, was_cut: bool) -> Sitemap:
    reader = _Reader()
    parser = etree.XMLParser(
        target=reader, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    has_more = was_cut
    try:
        for piece in _pieces(content):
            parser.feed(piece)
            if len(reader.addresses) > most:
                has_more = True
                break
        else:
            # Only here a file that ends in the middle shows.
            parser.close()
    except etree.LxmlError:
        # A cut file ends in the middle, and a broken one is good up to the fault.
        has_more = True
    if reader.root not in ("urlset", "sitemapindex"):
        raise SourceUnreadable(
            "This address holds no sitemap. Give the address of the site's sitemap.xml, or choose "
            "to follow links instead."
        )
    return Sitemap(
        tuple(reader.addresses[:most]), is_index=reader.root == "sitemapindex", has_more=has_more
    )


def _read_lines(content: bytes, most: int, *, was_cut: bool) -> Sitemap:
    lines = content.decode("utf-8-sig", "replace").split("\n", most + 1)
    found = [line.strip() for line in lines[: most + 1]]
    found = [line for line in found if line.lower().startswith(("http://", "https://"))]
    if not found:
        raise SourceUnreadable(
            "This address holds no sitemap: neither XML nor a list of addresses. Give the address "
            "of the site's sitemap.xml."
        )
    return Sitemap(tuple(found[:most]), has_more=was_cut or len(lines) > most + 1)


@dataclass(slots=True)
class _Reader:
    """Receives tags from lxml and keeps the addresses in `loc`."""

    root: str = ""
    addresses: list[str] = field(default_factory=list)
    depth: int = 0
    text: str = ""

    def start(self, tag: str, attributes: object) -> None:
        """Take a tag."""
        name = tag.rpartition("}")[2]
        self.root = self.root or name
        self.depth += 1
        self.text = ""

    def data(self, text: str) -> None:
        """Take text; an address is short."""
        if len(self.text) <= MOST_ADDRESS_CHARACTERS:
            self.text += text[: MOST_ADDRESS_CHARACTERS + 1]

    def end(self, tag: str) -> None:
        """Take the end of a tag; a `loc` right below an entry is its address, no image's."""
        address = self.text.strip()
        if self.depth == _LOC_DEPTH and tag.rpartition("}")[2] == "loc" and address:
            self.addresses.append(address)
        self.depth -= 1
        self.text = ""

    def comment(self, text: str) -> None:
        """Leave comments out."""

    def close(self) -> None:
        """End."""


def _pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]

"""What an HTML page says about itself: links, canonical address, what robots may do, its text.

Read as a stream of tags, without building a tree: neither deep nesting nor size costs memory.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import regex
from lxml import etree

from knowledge.sources.link_addresses import link_address
from knowledge.sources.values import ROBOT
from providers.web.base import WebResponse

MOST_LINKS = 2000
# Of a longer page only this much is read for facts, since hostile markup takes a second a megabyte;
# what comes after counts as it is for the question whether the page has changed.
MOST_BYTES = 2 * 1024 * 1024
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "object"})
# The same on every page: a new entry in a menu is no change of the pages that show it.
_AROUND = frozenset({"nav", "footer", "aside"})
# With less text than this outside of menus, the page is what it is called otherwise.
LEAST_MAIN_CHARACTERS = 100
_LINK_HEADER = regex.compile(r"<([^<>]*)>\s*;[^,<]*\brel\s*=\s*\"?[^\",;]*\bcanonical\b", regex.I)
_WORDS = regex.compile(r"[\s,]+")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Facts of one page. Addresses are whole ones; `text_hash` is empty for a page without text."""

    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False
    nofollow: bool = False
    text_hash: str = ""


def page_facts(response: WebResponse) -> PageFacts:
    """Read a reply; one that is not HTML has a hash and what its headers say."""
    ruled = _robot_words(response.headers.get("x-robots-tag", ""), headed=True)
    header = _LINK_HEADER.search(response.headers.get("link", ""))
    canonical = link_address(response.url, header[1]) if header else None
    if not is_html(response):
        return PageFacts(
            canonical=canonical or "",
            noindex="noindex" in ruled,
            nofollow="nofollow" in ruled,
            text_hash=hashlib.sha256(response.content).hexdigest(),
        )
    reader = _Reader()
    _feed(reader, response)
    for digest in (reader.whole, reader.main):
        digest.update(response.content[MOST_BYTES:])
    ruled |= reader.ruled
    base = (link_address(response.url, reader.base) if reader.base else None) or response.url
    found = (link_address(base, href) for href in reader.links)
    own = link_address(response.url, reader.canonical) if reader.canonical else None
    return PageFacts(
        links=tuple(dict.fromkeys(link for link in found if link)),
        canonical=own or canonical or "",
        noindex="noindex" in ruled,
        nofollow="nofollow" in ruled,
        text_hash=reader.text_hash(),
    )


def is_html(response: WebResponse) -> bool:
    """Say whether a reply is an HTML page."""
    if response.media_type:
        return response.media_type in HTML_TYPES
    return b"<html" in response.content[:1024].lower()


def in_utf8(response: WebResponse) -> bytes:
    """Return a text in UTF-8 with a mark when the server named another encoding for it.

    Stored bytes have no headers, and a page's own claims count less than the server's.
    """
    name = response.charset
    # What the web calls Latin-1 is windows-1252 (WHATWG Encoding Standard).
    name = "windows-1252" if name in ("iso-8859-1", "latin1", "latin-1", "ascii") else name
    known = name and not response.content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    if not known or not response.media_type.startswith("text/"):
        return response.content
    try:
        if codecs.lookup(name).name == "utf-8":
            return response.content
        return codecs.BOM_UTF8 + response.content.decode(name).encode()
    except (LookupError, UnicodeError):
        return response.content


@dataclass(slots=True)
class _Reader:
    """Receives a page's tags from lxml."""

    links: list[str] = field(default_factory=list)
    canonical: str = ""
    base: str = ""
    ruled: set[str] = field(default_factory=set)
    unseen: list[str] = field(default_factory=list)
    around: list[str] = field(default_factory=list)
    whole: hashlib._Hash = field(default_factory=hashlib.sha256)
    main: hashlib._Hash = field(default_factory=hashlib.sha256)
    whole_characters: int = 0
    main_characters: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take a tag."""
        match tag:
            case "a" | "area":
                self._link(attributes)
            case "link":
                words = _WORDS.split(attributes.get("rel", "").lower())
                if "canonical" in words and not self.canonical:
                    self.canonical = attributes.get("href", "")
            case "base":
                self.base = self.base or attributes.get("href", "")
            case "meta":
                if attributes.get("name", "").strip().lower() in ("robots", ROBOT):
                    self.ruled |= _robot_words(attributes.get("content", ""), headed=False)
            case _ if tag in _UNSEEN:
                self.unseen.append(tag)
            case _ if tag in _AROUND:
                self.around.append(tag)

    def end(self, tag: str) -> None:
        """Take the end of a tag."""
        for opened in (self.unseen, self.around):
            if opened and opened[-1] == tag:
                opened.pop()

    def data(self, text: str) -> None:
        """Take text; blanks do not count."""
        if self.unseen or not (words := text.split()):
            return
        said = " ".join([*words, ""])
        encoded = said.encode("utf-8", "replace")
        self.whole.update(encoded)
        self.whole_characters += len(said)
        if not self.around:
            self.main.update(encoded)
            self.main_characters += len(said)

    def comment(self, text: str) -> None:
        """Leave comments out."""

    def close(self) -> None:
        """End."""

    def text_hash(self) -> str:
        """Return the hash of what readers see, menus left out where there is something else."""
        if self.main_characters >= LEAST_MAIN_CHARACTERS:
            return self.main.hexdigest()
        return self.whole.hexdigest() if self.whole_characters else ""

    def _link(self, attributes: Mapping[str, str]) -> None:
        href = attributes.get("href", "").strip()
        follow = "nofollow" not in _WORDS.split(attributes.get("rel", "").lower())
        if href and not href.startswith("#") and follow and len(self.links) < MOST_LINKS:
            self.links.append(href)


def _feed(reader: _Reader, response: WebResponse) -> None:
    encoding = response.charset or None
    try:
        parser = etree.HTMLParser(target=reader, encoding=encoding, no_network=True)
    except LookupError:
        parser = etree.HTMLParser(target=reader, no_network=True)
    try:
        parser.feed(response.content[:MOST_BYTES])
        parser.close()
    except etree.LxmlError:
        # What came before counts; a page that is broken further down still has its links.
        return


def _robot_words(text: str, *, headed: bool) -> set[str]:
    """Return the rules of a robots tag that concern us; `none` is both.

    In a header, `name: rules` concerns the robot of that name only.
    """
    ruled: set[str] = set()
    for part in text.lower().split(","):
        name, colon, rest = part.partition(":")
        if headed and colon:
            if name.strip() != ROBOT:
                continue
            part = rest
        ruled |= set(part.split())
    return ruled | {"noindex", "nofollow"} if "none" in ruled else ruled

"""XML inside packages (Word, OpenDocument, EPUB), read without entities and without a network."""

from __future__ import annotations

import zipfile
from functools import lru_cache

from lxml.etree import XMLParser, XMLSyntaxError, _Element, fromstring

from knowledge.ingestion.archives import read_part
from knowledge.ingestion.values import TOO_DEEP, DocumentUnreadable

_ENCODINGS = ("ascii", "utf-16-le", "utf-16-be")
BROKEN = "The file is broken: a part of it is not valid XML. Save it again and upload that."


def parse_part(archive: zipfile.ZipFile, name: str) -> _Element:
    """Return a part's tree. Raises DocumentUnreadable; KeyError when there is no such part."""
    data = read_part(archive, name)
    # No office document has a document type.
    refuse_declared(data, "<!DOCTYPE")
    return parse_xml(data)


def refuse_declared(data: bytes, declaration: str) -> None:
    """Raise DocumentUnreadable when XML has this declaration: attacks need it, documents do not."""
    if any(declaration.encode(encoding) in data for encoding in _ENCODINGS):
        raise DocumentUnreadable(
            "The file declares XML entities, which is not safe to read. Save it again in its "
            "program and upload that."
        )


def parse_xml(data: bytes) -> _Element:
    """Return the tree of XML, mended where that is possible. Raises DocumentUnreadable."""
    refuse_declared(data, "<!ENTITY")
    try:
        return fromstring(data, _parser(recover=False))
    except XMLSyntaxError as error:
        raise_limits(error)
    try:
        root = fromstring(data, _parser(recover=True))
    except XMLSyntaxError as error:
        raise_limits(error)
        raise DocumentUnreadable(BROKEN) from error
    if root is None:
        raise DocumentUnreadable(BROKEN)
    return root


def raise_limits(error: XMLSyntaxError) -> None:
    """Raise DocumentUnreadable or MemoryError when that stands behind a parser's error."""
    if "depth" in str(error):
        raise DocumentUnreadable(TOO_DEEP) from error
    # Without memory the parser cannot even name the error.
    if "memory" in str(error).lower() or "unknown error" in str(error):
        raise MemoryError from error


def _parser(*, recover: bool) -> XMLParser:
    return XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        remove_comments=True, remove_pis=True, recover=recover,
    )  # fmt: skip


@lru_cache(maxsize=4096)
def local(tag: str) -> str:
    """Return a tag's name without its namespace, which has several forms in one format."""
    return tag.rpartition("}")[2]


def attribute(element: _Element, name: str) -> str:
    """Return an attribute by its name without namespace; empty when there is none."""
    for key, value in element.attrib.items():
        if local(key) == name:
            return str(value)
    return ""


def child(element: _Element, *path: str) -> _Element | None:
    """Return the first element below by names without namespaces."""
    for name in path:
        for below in element:
            if isinstance(below.tag, str) and local(below.tag) == name:
                element = below
                break
        else:
            return None
    return element

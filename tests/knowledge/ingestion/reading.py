"""Reads files in this process, as the child does."""

from __future__ import annotations

from knowledge.ingestion.pipeline import read
from knowledge.ingestion.sniffing import kind_of
from knowledge.ingestion.values import ParsedDocument


def read_as(name: str, content: bytes | str) -> ParsedDocument:
    """Return what is read out of a file of this name."""
    data = content.encode() if isinstance(content, str) else content
    return read(kind_of(name, data), name, data)


def removed(parsed: ParsedDocument) -> dict[str, str]:
    """Return what was taken out, by code, several pieces with a bar between them."""
    found: dict[str, str] = {}
    for finding in parsed.findings:
        former = found.get(finding.code)
        found[finding.code] = f"{former} | {finding.detail}" if former else finding.detail
    return found

"""Plain text: paragraphs as they are."""

from __future__ import annotations

from knowledge.ingestion.parsing.encodings import decode
from knowledge.ingestion.values import ParsedDocument


def parse_plain(content: bytes, name: str) -> ParsedDocument:
    """Read plain text; the title is the file's name."""
    return ParsedDocument(title=name, markdown=decode(content))

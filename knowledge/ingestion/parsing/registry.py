"""Which module reads which kind of file. A module is imported when its kind first comes."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from knowledge.ingestion.sniffing import Kind
from knowledge.ingestion.values import ParsedDocument

Parser = Callable[[bytes, str], ParsedDocument]
# The child that reads a Markdown file should not be larger for all the others.
_PARSERS = {
    Kind.MARKDOWN: "markdown:parse_markdown",
    Kind.RST: "rst:parse_rst",
    Kind.TEXT: "plain:parse_plain",
    Kind.HTML: "html:parse_html",
    Kind.PDF: "pdf:parse_pdf",
    Kind.DOCX: "docx:parse_docx",
    Kind.PPTX: "pptx:parse_pptx",
    Kind.XLSX: "xlsx:parse_xlsx",
    Kind.CSV: "delimited:parse_delimited",
    Kind.ODT: "odt:parse_odt",
    Kind.RTF: "rtf:parse_rtf",
    Kind.EPUB: "epub:parse_epub",
    Kind.MAIL: "mail:parse_mail",
}


def parser_for(kind: Kind) -> Parser:
    """Return the function that reads a kind: (bytes, readable name) to Markdown."""
    module, _, function = _PARSERS[kind].partition(":")
    found: Parser = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    return found

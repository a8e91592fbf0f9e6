"""Tells what a file is, from its content first and its name second."""

from __future__ import annotations

import io
import zipfile
from enum import StrEnum
from pathlib import PurePath

import regex

from knowledge.ingestion.values import DocumentUnreadable

# Unpacked sizes beyond these are bombs, not documents: a 930 KiB DOCX kept a parser busy for
# two minutes.
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 5000
HEAD_BYTES = 4096
READABLE = "Markdown, plain text, HTML, PDF and Word (.docx)"
_HTML = regex.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    regex.I | regex.S,
)
_TEXT_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


class Kind(StrEnum):
    """The kinds of file we read, by media type."""

    MARKDOWN = "text/markdown"
    TEXT = "text/plain"
    HTML = "text/html"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


_BY_SUFFIX = {
    ".md": Kind.MARKDOWN,
    ".mdx": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    "": Kind.TEXT,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".pdf": Kind.PDF,
    ".docx": Kind.DOCX,
}


def kind_of(name: str, content: bytes) -> Kind:
    """Return the file's kind. Raises DocumentUnreadable with the reason and the next step."""
    if not content.strip():
        raise DocumentUnreadable("The file is empty. Upload a version with text.")
    suffix = PurePath(name).suffix.lower()
    head = content[:HEAD_BYTES]
    if b"%PDF-" in head[:1024]:
        return Kind.PDF
    if content.startswith(b"PK\x03\x04"):
        return _kind_of_archive(content)
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise DocumentUnreadable(
            "This is an old or password-protected Office file. Save it without a password as "
            ".docx and upload that."
        )
    if _HTML.match(head):
        return Kind.HTML
    declared = _BY_SUFFIX.get(suffix)
    if declared is None:
        raise DocumentUnreadable(f"Files of type {suffix} are not read. Readable are {READABLE}.")
    if declared in (Kind.PDF, Kind.DOCX):
        raise DocumentUnreadable(
            f"The file is named {suffix} but is something else or broken. Export it again."
        )
    if _binary(head):
        raise DocumentUnreadable(f"This is not a text file. Readable are {READABLE}.")
    return declared


def _binary(head: bytes) -> bool:
    if head.startswith(_TEXT_BOMS):
        return False
    control = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    # UTF-16 without a mark has a zero in every second place for Latin letters.
    zeros = max(head[::2].count(0), head[1::2].count(0))
    if zeros > len(head) * 0.35:
        return False
    return control > len(head) * 0.02


def _kind_of_archive(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DocumentUnreadable(
            "The file is broken: its archive cannot be opened. Export it again."
        ) from error
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED_BYTES:
        raise DocumentUnreadable(
            "The file unpacks to more than 200 MB, which no document needs. Split it or export it "
            "again."
        )
    if any(member.filename == "word/document.xml" for member in members):
        return Kind.DOCX
    raise DocumentUnreadable(f"This kind of archive is not read. Readable are {READABLE}.")

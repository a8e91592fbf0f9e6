"""Tells what a file is, from its content first and its name second."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import PurePath

import regex

from knowledge.ingestion.archives import open_archive, read_part
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.ingestion.wide_text import BOMS, wide_encoding

HEAD_BYTES = 4096
# Of the parts of a package that say what it is.
MAX_MARK_BYTES = 1024 * 1024
READABLE = (
    "Markdown, reStructuredText, plain text, HTML, PDF, Word (.docx), PowerPoint (.pptx), Excel "
    "(.xlsx), CSV, OpenDocument text (.odt), RTF, EPUB, e-mail (.eml), and ZIP files of these"
)


class Kind(StrEnum):
    """The kinds of file we read, by media type."""

    MARKDOWN = "text/markdown"
    RST = "text/x-rst"
    TEXT = "text/plain"
    HTML = "text/html"
    PDF = "application/pdf"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    CSV = "text/csv"
    ODT = "application/vnd.oasis.opendocument.text"
    RTF = "application/rtf"
    EPUB = "application/epub+zip"
    MAIL = "message/rfc822"
    ARCHIVE = "application/zip"


_BY_SUFFIX = {
    ".md": Kind.MARKDOWN, ".mdx": Kind.MARKDOWN, ".markdown": Kind.MARKDOWN,
    ".rst": Kind.RST, ".rest": Kind.RST,
    ".txt": Kind.TEXT, ".text": Kind.TEXT, ".log": Kind.TEXT, "": Kind.TEXT,
    ".html": Kind.HTML, ".htm": Kind.HTML, ".xhtml": Kind.HTML,
    ".pdf": Kind.PDF,
    ".docx": Kind.DOCX, ".docm": Kind.DOCX, ".dotx": Kind.DOCX,
    ".pptx": Kind.PPTX, ".pptm": Kind.PPTX, ".ppsx": Kind.PPTX,
    ".xlsx": Kind.XLSX, ".xlsm": Kind.XLSX, ".xltx": Kind.XLSX,
    ".csv": Kind.CSV, ".tsv": Kind.CSV,
    ".odt": Kind.ODT, ".ott": Kind.ODT,
    ".rtf": Kind.RTF,
    ".epub": Kind.EPUB,
    ".eml": Kind.MAIL, ".mht": Kind.MAIL, ".mhtml": Kind.MAIL,
    ".zip": Kind.ARCHIVE,
}  # fmt: skip
# Their content has a mark of its own, so a file of that name without it is something else.
_MARKED = {
    Kind.PDF, Kind.DOCX, Kind.PPTX, Kind.XLSX, Kind.ODT, Kind.RTF, Kind.EPUB, Kind.ARCHIVE,
}  # fmt: skip
_OFFICE_PARTS = (
    ("word/document.xml", Kind.DOCX),
    ("ppt/presentation.xml", Kind.PPTX),
    ("xl/workbook.xml", Kind.XLSX),
    ("META-INF/container.xml", Kind.EPUB),
)
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_CONTENT_TYPES = "[Content_Types].xml"
_HTML = regex.compile(
    r"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b",
    regex.I | regex.S,
)
_MAIL_HEADER = regex.compile(
    r"^(?:Received|Return-Path|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version"
    r"|Content-Type|DKIM-Signature):",
    regex.M | regex.I,
)
_ALL_HEADERS = regex.compile(r"\A(?:[\w-]+:.*\n(?:[ \t].*\n)*)+\s*\n")
MIN_MAIL_HEADERS = 4
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Names of streams in old Office files, and what a file with such a stream is told.
_STREAMS = (
    ("EncryptedPackage", "This Office file needs a password. Remove the password and upload it "
     "again."),
    ("__substg1.0_", "This is an Outlook message (.msg), a format that is not read. Save it as "
     ".eml, or its text as a document, and upload that."),
    ("WordDocument", "This is the older Word format (.doc), which is not read. Save it as .docx "
     "and upload that."),
    ("Workbook", "This is the older Excel format (.xls), which is not read. Save it as .xlsx and "
     "upload that."),
    ("PowerPoint Document", "This is the older PowerPoint format (.ppt), which is not read. Save "
     "it as .pptx and upload that."),
)  # fmt: skip
_PICTURE = "This is a picture. Upload a document with its words, or a PDF of it."
_PROGRAM = "This is a program, not a document, and is not opened. Upload the document itself."
_OTHER_ARCHIVE = "This kind of archive is not opened. Pack the files as .zip and upload that."
_RECORDING = "This is a recording. Upload a document with its words."
_REFUSED = (
    (0, b"MZ", _PROGRAM), (0, b"\x7fELF", _PROGRAM), (0, b"\xcf\xfa\xed\xfe", _PROGRAM),
    (0, b"\xca\xfe\xba\xbe", _PROGRAM), (0, b"\x00asm", _PROGRAM),
    (0, b"\x1f\x8b", _OTHER_ARCHIVE), (0, b"7z\xbc\xaf\x27\x1c", _OTHER_ARCHIVE),
    (0, b"Rar!", _OTHER_ARCHIVE), (0, b"BZh", _OTHER_ARCHIVE), (0, b"\xfd7zXZ", _OTHER_ARCHIVE),
    (257, b"ustar", _OTHER_ARCHIVE),
    (0, b"\x89PNG", _PICTURE), (0, b"\xff\xd8\xff", _PICTURE), (0, b"GIF8", _PICTURE),
    (0, b"II*\x00", _PICTURE), (0, b"MM\x00*", _PICTURE), (8, b"WEBP", _PICTURE),
    (4, b"ftyp", _RECORDING), (0, b"ID3", _RECORDING), (0, b"OggS", _RECORDING),
)  # fmt: skip
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
# A program's first bytes are letters too; a text does not go on like that.
PROGRAM_TEXT = regex.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def kind_of(name: str, content: bytes) -> Kind:
    """Return the file's kind. Raises DocumentUnreadable with the reason and the next step."""
    if not content.strip():
        raise DocumentUnreadable("The file is empty. Upload a version with text.")
    suffix = PurePath(name).suffix.lower()
    declared = _BY_SUFFIX.get(suffix)
    head = content[:HEAD_BYTES]
    if _is_pdf(head, declared):
        return Kind.PDF
    if content.startswith(b"PK\x03\x04") or content.startswith(b"PK\x05\x06"):
        return _kind_of_package(content)
    _refuse_foreign(head, content)
    text = _text_of(head)
    if text.lstrip().startswith("{\\rtf"):
        return Kind.RTF
    if _HTML.match(text):
        return Kind.HTML
    if declared in (None, Kind.TEXT) and _is_mail(text):
        return Kind.MAIL
    if declared is None:
        raise DocumentUnreadable(
            f"Files of type {suffix[:20]} are not read. If it holds text for readers, name it "
            f".txt. Readable are {READABLE}."
        )
    if declared in _MARKED:
        raise DocumentUnreadable(
            f"The file is named {suffix} but its content is something else or broken. Export it "
            "again."
        )
    if _binary(head):
        raise DocumentUnreadable(
            f"This is not a text file. Save it in a format that is read: {READABLE}."
        )
    return declared


def is_program(content: bytes) -> bool:
    """Say whether a file is a program of some system, whatever it is called."""
    head = content[:HEAD_BYTES]
    marks = [mark for _, mark, sentence in _REFUSED if sentence is _PROGRAM]
    return head.startswith(tuple(marks)) and _is_not_text(head)


def _is_pdf(head: bytes, declared: Kind | None) -> bool:
    # Some programs put a few bytes in front; a text may speak of the mark.
    return head.lstrip().startswith(b"%PDF-") or (
        declared is Kind.PDF and b"%PDF-" in head[:1024] and not _HTML.match(_text_of(head))
    )


def _refuse_foreign(head: bytes, content: bytes) -> None:
    if content.startswith(_OLD_OFFICE):
        for stream, sentence in _STREAMS:
            if stream.encode("utf-16-le") in content:
                raise DocumentUnreadable(sentence)
        raise DocumentUnreadable(
            "This is an older or protected Office format, which is not read. Save it without a "
            "password as .docx, .xlsx or .pptx and upload that."
        )
    for offset, mark, sentence in _REFUSED:
        if head[offset:].startswith(mark) and _is_not_text(head):
            raise DocumentUnreadable(sentence)


def _is_not_text(head: bytes) -> bool:
    return PROGRAM_TEXT.search(head.decode("latin-1")) is not None


def _text_of(head: bytes) -> str:
    for mark, encoding in BOMS:
        if head.startswith(mark):
            return head.decode(encoding, errors="ignore")
    return head.decode(wide_encoding(head) or "latin-1", errors="ignore")


def _is_mail(text: str) -> bool:
    headers = _ALL_HEADERS.match(text.replace("\r\n", "\n"))
    if headers is None:
        return False
    names = {found.group().lower() for found in _MAIL_HEADER.finditer(headers.group())}
    return len(names) >= MIN_MAIL_HEADERS


def _binary(head: bytes) -> bool:
    if head.startswith(tuple(mark for mark, _ in BOMS)) or wide_encoding(head):
        return False
    control = len(head) - len(head.translate(None, _CONTROL))
    return control > len(head) * 0.02


def _kind_of_package(content: bytes) -> Kind:
    with open_archive(content) as archive:
        names = set(archive.namelist())
        for part, kind in _OFFICE_PARTS:
            if part in names:
                return kind
        if "mimetype" in names:
            return _kind_of_open_document(archive)
        if _CONTENT_TYPES in names:
            # Word's main part may have another name.
            types = read_part(archive, _CONTENT_TYPES, MAX_MARK_BYTES)
            for mark, kind in (
                (b"wordprocessingml.document.main", Kind.DOCX),
                (b"presentationml.presentation.main", Kind.PPTX),
                (b"spreadsheetml.sheet.main", Kind.XLSX),
            ):
                if mark in types:
                    return kind
            raise DocumentUnreadable(
                f"This Office format is not read. Save it as .docx, .xlsx or .pptx. Readable are "
                f"{READABLE}."
            )
    return Kind.ARCHIVE


def _kind_of_open_document(archive: zipfile.ZipFile) -> Kind:
    declared = (
        read_part(archive, "mimetype", MAX_MARK_BYTES).decode("ascii", errors="replace").strip()
    )
    if declared.startswith(f"{_OPEN_DOCUMENT}text"):
        return Kind.ODT
    if declared == Kind.EPUB.value:
        return Kind.EPUB
    if declared.startswith(_OPEN_DOCUMENT):
        raise DocumentUnreadable(
            "This OpenDocument format is not read. Save it as .odt, .xlsx or .pptx and upload that."
        )
    return Kind.ARCHIVE

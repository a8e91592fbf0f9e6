"""A file is what its content says; what cannot be read is told why and what to do."""

import zipfile

import pytest

from knowledge.ingestion.sniffing import Kind, kind_of
from knowledge.ingestion.values import DocumentUnreadable
from tests.knowledge.ingestion.files import bomb, docx, epub, odt, paragraph, pdf, zipped

MAIL = b"From: a@b\r\nTo: c@d\r\nSubject: x\r\nDate: today\r\n\r\nText."
SPREADSHEET = "application/vnd.oasis.opendocument.spreadsheet"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("wrong.txt", pdf(["x"]), Kind.PDF),
        ("wrong.pdf", docx(paragraph("x")), Kind.DOCX),
        ("wrong.doc", rb"{\rtf1 x}", Kind.RTF),
        ("wrong.docx", b"<!doctype html><p>x", Kind.HTML),
        ("page.md", "<html><p>x".encode("utf-16"), Kind.HTML),
        ("wrong.zip", odt("x"), Kind.ODT),
        ("wrong.zip", epub(["<p>x"]), Kind.EPUB),
        ("mail.txt", MAIL, Kind.MAIL),
        ("pack.docx", zipped({"a.md": "x"}), Kind.ARCHIVE),
        ("speaks.md", b"A PDF begins with %PDF-1.4 on its first line.", Kind.MARKDOWN),
        ("faq.md", b"From: Berlin\nTo: Paris\n", Kind.MARKDOWN),
        ("README", b"words", Kind.TEXT),
        ("wide.txt", "Weite Zeichen".encode("utf-16-le"), Kind.TEXT),
        ("a.tsv", b"a\tb", Kind.CSV),
        ("a.rst", b"x", Kind.RST),
        ("a.xlsm", zipped({"xl/workbook.xml": "<x/>", "xl/vbaProject.bin": b"x"}), Kind.XLSX),
    ],
)
def test_the_content_decides(name: str, content: bytes, kind: Kind) -> None:
    assert kind_of(name, content) is kind


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.md", b"", "empty"),
        ("blank.txt", b" \n\n ", "empty"),
        ("fake.docx", b"just text", "something else or broken"),
        ("program.docx", b"MZ\x90\x00\x03", "program"),
        ("program.txt", b"\x7fELF\x02\x01", "program"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00", "picture"),
        ("pack.txt", b"\x1f\x8b\x08\x00", r"\.zip"),
        ("noise.txt", bytes(range(1, 9)) * 200, "not a text file"),
        ("data.json", b"{}", r"\.txt"),
        ("old.doc", OLD + "WordDocument".encode("utf-16-le"), r"older.*\.docx"),
        ("old.xls", OLD + "Workbook".encode("utf-16-le"), r"older.*\.xlsx"),
        ("mail.msg", OLD + "__substg1.0_".encode("utf-16-le"), r"Outlook.*\.eml"),
        ("locked.docx", OLD + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("strange.docx", OLD, "older or protected"),
        ("cut.docx", docx(paragraph("x"))[:200], "broken"),
        ("bomb.docx", bomb("word/document.xml"), "200 MB"),
        ("sheet.ods", zipped({"mimetype": SPREADSHEET}), "OpenDocument"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_why_and_what_to_do(
    name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(DocumentUnreadable, match=reason) as refused:
        kind_of(name, content)
    assert str(refused.value).endswith(".")
    assert str(refused.value).count(".") >= 2, "there is no next step"


def test_an_unusual_compression_is_not_unpacked() -> None:
    content = zipped({"mimetype": "application/epub+zip"}, zipfile.ZIP_LZMA)
    with pytest.raises(DocumentUnreadable, match="unusual"):
        kind_of("a.epub", content)

"""Files that are hostile, enormous or broken: each ends soon, in bounded memory, with a sentence.

They go through the child process as a customer's files do.
"""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledge.ingestion.limits import CHILD_MEMORY_BYTES
from knowledge.ingestion.process import PreparationProcess
from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument
from tests.knowledge.ingestion.files import (
    docx,
    epub,
    odt,
    paragraph,
    pdf,
    words,
    workbook,
)

pytestmark = pytest.mark.slow
CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])
MOST_SECONDS = 60.0
# A sheet that claims to be full, with a word in its first and in its last row.
FAR_SHEET = (
    '<dimension ref="A1:XFD1048576"/><sheetData>'
    '<row r="1"><c r="A1" t="inlineStr"><is><t>first</t></is></c></row>'
    '<row r="1048576"><c r="B1048576" t="inlineStr"><is><t>last</t></is></c></row></sheetData>'
)


def columns_in_random_order() -> bytes:
    """A page of two columns whose lines stand in the file in any order."""
    lines = [
        words(f"{side} line {number} of a text in two columns", x, 700 - 14 * number, 9)
        for side, x in (("Left", 50), ("Right", 330))
        for number in range(30)
    ]
    random.Random(5).shuffle(lines)
    return pdf(["".join(lines)])


READ: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "ten-thousand-pages.pdf": (
        lambda: pdf([words(f"Page {number} of the manual.", 50, 700) for number in range(10_000)]),
        ["Page 0 of the manual.", "Page 9999 of the manual."],
    ),
    "columns.pdf": (columns_in_random_order, ["Left line 29", "Right line 0"]),
    "far.xlsx": (lambda: workbook(FAR_SHEET), ["first", "last"]),
    "never-closed.html": (
        lambda: b"<ol>" + b"<li>item of a list" * 50_000 + b"<p>the end",
        ["item of a list", "the end"],
    ),
    "rules.html": (
        lambda: (
            "<style>"
            + "".join(f".a{n} .b{n} > p{{display:none}}" for n in range(20_000))
            + "</style>"
            + "<p>seen</p>" * 2000
        ).encode(),
        ["seen"],
    ),
    "unclosed.md": (lambda: b"<div style='x'>" * 100_000 + b"the words", ["the words"]),
    "braces.rtf": (lambda: b"{\\rtf1 " + b"{" * 500_000 + b"inside", ["inside"]),
    "wide.csv": (lambda: b"a," * 200_000 + b"\n" + b"b," * 200_000, ["a | a", "b | b"]),
    "letters.txt": (lambda: ("Zeile " + "ä" * 500_000).encode("utf-16-le"), ["Zeile"]),
    "book.epub": (lambda: epub([f"<p>Chapter {n}</p>" for n in range(2000)]), ["Chapter 1999"]),
    "large.docx": (
        lambda: docx(paragraph("An honest paragraph of a long book. " * 3) * 30_000),
        ["An honest paragraph"],
    ),
}  # fmt: skip
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "deep.html": (lambda: b"<html>" + b"<div>" * 200_000 + b"x", "nested"),
    "deep.docx": (lambda: docx("<w:sdt><w:sdtContent>" * 50_000), "nested"),
    "deep.odt": (lambda: odt("<text:section>" * 50_000), "nested"),
    "too-many-pages.pdf": (lambda: pdf([""] * 10_001), "10001 pages"),
    "too-much.txt": (lambda: b"word " * 1_100_000, "too much text"),
    "entities.epub": (
        lambda: epub(["<p>x"], {"META-INF/container.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'}),
        "entities",
    ),
    "unpacks.docx": (
        lambda: docx("<w:b/>" * 15_000_000),
        r"memory|minute|too (large|much)|200 MB",
    ),
    "aliases.md": (lambda: b"---\n" + b"a: &a [*a]\n" * 1000 + b"---\n<!-- x -->", "no text"),
    "loop.pdf": (
        lambda: pdf([""], page_tree="<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9000 >>"),
        "no text|broken",
    ),
    "encrypted.pdf": (
        lambda: pdf(["x"]).replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >>"
            % (b"o" * 32, b"u" * 32),
        ),
        "password|broken",
    ),
}


@pytest.fixture(scope="module")
def preparation() -> Iterator[PreparationProcess]:
    process = PreparationProcess(CACHE)
    yield process
    process.stop()


def read(
    preparation: PreparationProcess, folder: Path, name: str, content: bytes
) -> PreparedDocument:
    file = folder / name
    file.write_bytes(content)
    started = time.monotonic()
    try:
        return preparation.read(name, file)
    finally:
        assert time.monotonic() - started < MOST_SECONDS
        child = preparation._child
        if child is not None and child.process.poll() is None:
            assert peak_bytes(child.process.pid) < CHILD_MEMORY_BYTES


def peak_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


@pytest.mark.parametrize("name", READ)
def test_a_difficult_but_honest_file_is_read(
    name: str, preparation: PreparationProcess, tmp_path: Path
) -> None:
    make, phrases = READ[name]
    prepared = read(preparation, tmp_path, name, make())
    for phrase in phrases:
        assert phrase in prepared.text


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_with_a_sentence_that_helps(
    name: str, preparation: PreparationProcess, tmp_path: Path
) -> None:
    make, reason = REFUSED[name]
    with pytest.raises(DocumentUnreadable, match=reason) as refused:
        read(preparation, tmp_path, name, make())
    assert str(refused.value).count(".") >= 2, "there is no next step"


def test_the_child_reads_on_afterwards(preparation: PreparationProcess, tmp_path: Path) -> None:
    assert "30 days" in read(preparation, tmp_path, "a.md", b"# Returns\n\nWithin 30 days.").text

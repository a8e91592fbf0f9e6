"""The files of an archive are documents of their own."""

import zipfile
from pathlib import Path

import pytest

from knowledge.actions.defaults import ensure_defaults
from knowledge.intake import Submitted
from knowledge.models import Document, DocumentStatus
from knowledge.unpacking import pieces, submit_piece
from tests.knowledge.ingestion.files import bomb, docx, paragraph, zipped

pytestmark = pytest.mark.django_db
PAGES = {"a.md": "# A\n\nFirst.", "more/b.md": "# B\n\nSecond."}


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


def submit(name: str, content: bytes | Path, path: str | None = None) -> list[Submitted]:
    return [submit_piece(piece) for piece in pieces(name, content, path)]


def given(file: Path) -> list[Submitted]:
    return submit(file.name, file, file.name)


def pack(file: Path, members: dict[str, str | bytes]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(zipped(members))
    return file


def test_each_file_is_a_document_named_by_archive_and_path(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {**PAGES})
    submitted = given(archive)
    assert [one.member for one in submitted] == ["a.md", "more/b.md"]
    assert [one.document.path for one in submitted] == ["a.zip!/a.md", "a.zip!/more/b.md"]
    assert submitted[0].document.source == f"{archive}!/a.md"
    assert {one.document.status for one in submitted} == {DocumentStatus.QUEUED}


def test_the_same_archive_again_changes_nothing(tmp_path: Path) -> None:
    archive = pack(tmp_path / "a.zip", {**PAGES})
    first = given(archive)
    pack(archive, {**PAGES, "a.md": "# A\n\nOther words."})
    second = given(archive)
    assert [one.document for one in second] == [one.document for one in first]
    assert [one.document.versions.count() for one in second] == [2, 1]


def test_two_archives_of_one_name_do_not_take_each_others_documents(tmp_path: Path) -> None:
    (first,) = given(pack(tmp_path / "x" / "a.zip", {"a.md": "One."}))
    (second,) = given(pack(tmp_path / "y" / "a.zip", {"a.md": "Two."}))
    assert (first.document.path, second.document.path) == ("a.zip!/a.md", "y/a.zip!/a.md")


def test_an_upload_is_unpacked_too() -> None:
    submitted = submit(name="a.zip", content=zipped({**PAGES}))
    assert [one.document.path for one in submitted] == ["a.zip!/a.md", "a.zip!/more/b.md"]


def test_office_files_and_others_are_one_document(tmp_path: Path) -> None:
    (word,) = submit(name="a.docx", content=docx(paragraph("Text.")))
    (page,) = submit(name="a.md", content=b"# A")
    assert (word.member, page.member) == ("", "")
    assert Document.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("inner.zip", zipped({"a.md": "x"}), "archive inside an archive"),
        ("../../outside.md", "x", "not safe"),
        ("virus.exe", b"MZ\x90\x00\x03", "program"),
        ("bomb.docx", bomb("word/document.xml"), "200 MB"),
        ("empty.md", "", "empty"),
    ],
)
def test_a_file_that_cannot_be_used_fails_alone(
    name: str, content: str | bytes, reason: str
) -> None:
    bad, good = submit(name="a.zip", content=zipped({name: content, "good.md": "Good."}))
    assert bad.document.status == DocumentStatus.FAILED
    assert reason in bad.document.error
    assert good.document.status == DocumentStatus.QUEUED


def test_an_archive_that_cannot_be_opened_is_a_failed_document_until_it_can() -> None:
    (broken,) = submit(name="a.zip", content=bomb("a.md"))
    assert (broken.document.path, broken.document.status) == ("a.zip", DocumentStatus.FAILED)
    submit(name="a.zip", content=zipped({**PAGES}))
    assert sorted(Document.objects.values_list("path", flat=True)) == [
        "a.zip!/a.md",
        "a.zip!/more/b.md",
    ]


def test_a_file_under_the_limit_that_unpacks_over_it_is_refused(settings: object) -> None:
    settings.UPLOAD_MAX_BYTES = 10_000  # type: ignore[attr-defined]
    content = zipped({"large.txt": "x" * 20_000}, zipfile.ZIP_DEFLATED)
    (large,) = submit(name="a.zip", content=content)
    assert "UPLOAD_MAX_MEGABYTES" in large.document.error

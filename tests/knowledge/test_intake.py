"""Which file is which document, and what is done about it."""

from pathlib import Path

import pytest
from django.conf import settings

from knowledge.actions import documents as acting
from knowledge.actions.defaults import ensure_defaults
from knowledge.found_files import find_files
from knowledge.intake import submit_file
from knowledge.models import Document, DocumentStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


def written(file: Path, text: str = "# Returns\n\nWithin 30 days.") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def given(folder: Path) -> list[Document]:
    found, _ = find_files([folder])
    return [
        submit_file(name=one.file.name, content=one.file, path=one.path).document for one in found
    ]


def test_the_same_file_is_one_document_whichever_folder_is_given(tmp_path: Path) -> None:
    written(tmp_path / "site" / "help" / "returns.md")
    above = given(tmp_path / "site")
    assert given(tmp_path / "site" / "help") == above
    assert [document.path for document in above] == ["site/help/returns.md"]


def test_two_files_of_the_same_name_are_two_documents(tmp_path: Path) -> None:
    written(tmp_path / "one" / "docs" / "index.md", "# One\n\nFirst.")
    written(tmp_path / "two" / "docs" / "index.md", "# Two\n\nSecond.")
    first, second = given(tmp_path / "one" / "docs") + given(tmp_path / "two" / "docs")
    assert (first.path, second.path) == ("docs/index.md", "two/docs/index.md")


def test_a_moved_file_stays_the_document_it_was(tmp_path: Path) -> None:
    (before,) = given(written(tmp_path / "old" / "docs" / "a.md").parent)
    (tmp_path / "old").rename(tmp_path / "new")
    assert given(tmp_path / "new" / "docs") == [before]


def test_what_cannot_be_found_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found, problems = find_files([tmp_path / "empty", tmp_path / "missing"])
    assert found == []
    assert [reason for _, reason in problems] == [
        "The folder holds no files. Name one that does.",
        "There is no such file or folder. Check the path.",
    ]


def test_hidden_files_are_left_out(tmp_path: Path) -> None:
    written(tmp_path / ".git" / "config.md")
    written(tmp_path / ".secret.md")
    shown = written(tmp_path / "shown.md")
    assert [one.file for one in find_files([tmp_path])[0]] == [shown]


def test_a_name_in_another_encoding_can_be_stored(tmp_path: Path) -> None:
    (Path(str(tmp_path)) / b"r\xfcckgabe.md".decode("utf-8", "surrogateescape")).write_text(
        "# A\n\nB"
    )
    (document,) = given(tmp_path)
    document.refresh_from_db()
    assert document.path.endswith("ckgabe.md")


def test_a_withdrawn_document_comes_back_only_when_asked_for(tmp_path: Path) -> None:
    file = written(tmp_path / "docs" / "a.md")
    (document,) = given(file.parent)
    acting.withdraw(document)
    kept = submit_file(name="a.md", content=file, path="docs/a.md", bring_back=False)
    assert (kept.unchanged, kept.document.status) == (True, DocumentStatus.WITHDRAWN)
    assert given(file.parent)[0].status == DocumentStatus.QUEUED


def test_a_new_version_fences_whoever_works_on_the_former(tmp_path: Path) -> None:
    file = written(tmp_path / "docs" / "a.md")
    (document,) = given(file.parent)
    written(file, "# Returns\n\nWithin 60 days.")
    given(file.parent)
    acting.mark_failed(document, "too late")
    document.refresh_from_db()
    assert (document.status, document.error) == (DocumentStatus.QUEUED, "")


@pytest.mark.parametrize("name", ["", ".", "../elsewhere", "/nowhere/at-all"])
def test_a_version_that_names_no_file_of_ours_deletes_nothing(name: str) -> None:
    document = submit_file(name="a.md", content=b"# Same").document
    document.versions.update(stored_name=name)
    with pytest.raises(ValueError, match="no file below MEDIA_ROOT"):
        acting.delete(document)
    document.refresh_from_db()
    assert document.status == DocumentStatus.QUEUED


def test_deleting_removes_the_stored_file_unless_another_document_has_it(tmp_path: Path) -> None:
    first = submit_file(name="a.md", content=b"# Same").document
    second = submit_file(name="b.md", content=b"# Same").document
    stored = Path(settings.MEDIA_ROOT) / first.versions.get().stored_name
    acting.delete(first)
    assert stored.exists()
    acting.delete(second)
    assert not stored.exists()

"""Unchanged files are told from the others by their bytes, with a few queries for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from knowledge.actions.documents import withdraw
from knowledge.actions.readers import change_audiences
from knowledge.found_files import FoundFile, find_files
from knowledge.intake import submit_file
from knowledge.models import Document, DocumentStatus
from knowledge.unchanged import unchanged_files
from knowledge.working import work_on

pytestmark = pytest.mark.usefixtures("own_index")
COLLECTION = "default"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files that were read in."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("one", "two", "three"):
        (docs / f"{name}.md").write_text(f"# {name.title()}\n\nThis is page {name} of our help.")
    for found in _files(docs):
        work_on(_submit(found).pk)
    return docs


def _files(folder: Path) -> list[FoundFile]:
    files, problems = find_files([folder])
    assert not problems
    return files


def _submit(found: FoundFile, **values: Any) -> Document:
    return submit_file(name=found.file.name, content=found.file, path=found.path, **values).document


def _names(folder: Path, audiences: list[str] | None = None) -> list[str]:
    known = unchanged_files(_files(folder), COLLECTION, audiences)
    return sorted(found.file.stem for found in known)


def test_all_are_unchanged_with_their_number_of_chunks(
    folder: Path, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(4):
        known = unchanged_files(_files(folder), COLLECTION)
    assert [submitted.chunks for submitted in known.values()] == [1, 1, 1]
    for found, submitted in known.items():
        again = submit_file(name=found.file.name, content=found.file, path=found.path)
        assert again.unchanged
        assert again.document == submitted.document


def _touch_with_other_words(folder: Path) -> None:
    file = folder / "one.md"
    before = file.stat()
    file.write_text(file.read_text().replace("page one", "page 0ne"))
    # The same size and time do not hide a change.
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _withdrawn(folder: Path) -> None:
    withdraw(Document.objects.get(title="One"))


def _failed(folder: Path) -> None:
    Document.objects.filter(title="One").update(status=DocumentStatus.FAILED)


def _newer_version_waits(folder: Path) -> None:
    submit_file(
        name="one.md", content=b"# One\n\nOther.", path="docs/one.md", collection=COLLECTION
    )


def _made_by_an_older_pipeline(folder: Path) -> None:
    document = Document.objects.get(title="One")
    document.versions.update(fingerprint="0" * 64)


def _gone(folder: Path) -> None:
    (folder / "one.md").unlink()


@pytest.mark.parametrize(
    "change",
    [
        _touch_with_other_words,
        _withdrawn,
        _failed,
        _newer_version_waits,
        _made_by_an_older_pipeline,
        _gone,
    ],
)
def test_one_that_differs_is_left_to_be_submitted(
    folder: Path, change: Callable[[Path], None]
) -> None:
    files = _files(folder)
    change(folder)
    known = unchanged_files(files, COLLECTION)
    assert sorted(found.file.stem for found in known) == ["three", "two"]


def test_other_readers_or_another_collection_are_no_matter_of_bytes(folder: Path) -> None:
    assert _names(folder, ["public"]) == ["one", "three", "two"]
    change_audiences(Document.objects.get(title="One"), ["internal"])
    assert _names(folder, ["public"]) == ["three", "two"]
    assert _names(folder) == ["one", "three", "two"]
    assert unchanged_files(_files(folder), "other") == {}


def test_a_limit_that_was_lowered_counts(folder: Path) -> None:
    with override_settings(UPLOAD_MAX_BYTES=5):
        assert _names(folder) == []


def test_a_held_document_is_not_read_again_for_the_same_content(folder: Path) -> None:
    Document.objects.filter(title="One").update(status=DocumentStatus.HELD)
    one = next(found for found in _files(folder) if found.file.stem == "one")
    assert _submit(one).status == DocumentStatus.HELD
    one.file.write_text("# One\n\nOther words.")
    assert _submit(one).status == DocumentStatus.QUEUED

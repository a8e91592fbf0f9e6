"""The knowledge commands as a person runs them: their output and exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fresh_data_folder import ROOT, new_data_folder
from tests.knowledge.ingestion.files import zipped


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return new_data_folder(tmp_path_factory.mktemp("commands"))


def manage(data_dir: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Run a command with --json; return its status, result and error output."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments), "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    return ended.returncode, json.loads(ended.stdout or "{}"), ended.stderr


@pytest.mark.slow
def test_a_folder_is_read_checked_searched_and_pruned(tmp_path: Path, data_dir: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "returns.md").write_text("# Returns\n\nSend goods back within 30 days.")
    (folder / "gone.md").write_text("# Gone\n\nThis page will go.")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4 broken")
    (folder / "data.json").write_text("{}")

    status, first, _ = manage(data_dir, "ingest", folder)
    assert (status, first["indexed"], first["failed"]) == (1, 2, 2)
    reasons = {Path(row["path"]).name: row["error"] for row in first["documents"]}
    assert "Export it again" in reasons["broken.pdf"]
    assert "not read" in reasons["data.json"]

    for unusable in ("broken.pdf", "data.json", "gone.md"):
        (folder / unusable).unlink()
    status, second, _ = manage(data_dir, "ingest", folder, "--prune")
    assert (status, second["unchanged"], second["withdrawn"]) == (0, 1, 3)

    status, document, _ = manage(data_dir, "document", folder / "returns.md")
    assert (status, document["status"], len(document["chunks"])) == (0, "indexed", 1)

    status, found, _ = manage(data_dir, "search", "how long can I send goods back")
    assert status == 0
    assert [row["title"] for row in found["passages"]] == ["Returns"]


@pytest.mark.slow
def test_the_files_of_an_archive_have_rows_of_their_own(tmp_path: Path, data_dir: Path) -> None:
    archive = tmp_path / "pack" / "a.zip"
    archive.parent.mkdir()
    members = {"tea.md": "# Tea\n\nWe sell tea.", "mugs/mug.md": "# Mugs\n\nWe sell mugs."}
    archive.write_bytes(zipped({**members, "inner.zip": zipped({"a.md": "x"})}))

    status, first, _ = manage(data_dir, "ingest", archive.parent)
    rows = {row["path"]: row["status"] for row in first["documents"]}
    assert rows == {
        f"{archive}!/tea.md": "indexed",
        f"{archive}!/mugs/mug.md": "indexed",
        f"{archive}!/inner.zip": "failed",
    }
    assert status == 1

    status, second, _ = manage(data_dir, "ingest", archive.parent)
    assert (second["unchanged"], second["failed"]) == (2, 1)

    archive.write_bytes(zipped({"tea.md": members["tea.md"]}))
    status, third, _ = manage(data_dir, "ingest", archive, "--prune")
    assert (status, third["unchanged"], third["withdrawn"]) == (0, 1, 2)

    archive.write_bytes(b"PK\x03\x04 broken")
    status, fourth, _ = manage(data_dir, "ingest", archive.parent, "--prune")
    assert (status, fourth["failed"], fourth["withdrawn"]) == (1, 1, 0)

    archive.unlink()
    status, fifth, _ = manage(data_dir, "ingest", archive.parent, "--prune")
    assert fifth["withdrawn"] == 2


def test_a_file_is_shown_without_being_stored(tmp_path: Path, data_dir: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>Costs</title><p>Parcels cost 4.90.</p>")
    status, shown, _ = manage(data_dir, "document", page)
    assert (status, shown["status"], shown["id"]) == (0, "not stored", None)
    assert "4.90" in shown["chunks"][0]["text"]
    page.write_text("")
    status, shown, _ = manage(data_dir, "document", page)
    assert (status, shown["error"]) == (1, "The file is empty. Upload a version with text.")


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("document", "nowhere.md"), 2, "There is no document and no file nowhere.md."),
        (("search", "  "), 2, "The query is empty"),
        (("search", "x", "--audience", "nobody"), 2, "nobody"),
        (("ingest",), 2, "PATH"),
    ],
)
def test_wrong_usage_says_what_is_wrong(
    arguments: tuple[str, ...], status: int, words: str, data_dir: Path
) -> None:
    ended, _, errors = manage(data_dir, *arguments)
    assert ended == status
    assert words in errors


def test_a_missing_path_is_named_and_the_run_goes_on(tmp_path: Path, data_dir: Path) -> None:
    (tmp_path / "a.md").write_text("# A page\n\nWith text.")
    status, result, _ = manage(data_dir, "ingest", tmp_path / "missing", tmp_path / "a.md")
    assert (status, result["failed"], result["indexed"]) == (1, 1, 1)
    assert "no such file" in result["documents"][0]["error"]

"""`reindex` and `check_index` as a person runs them, alone and beside a running server."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge import wiring
from tests.conftest import StartServer
from tests.fresh_data_folder import ROOT, new_data_folder
from tests.knowledge.library import ingest, ingest_shop, titles

LONG = "\n\n".join(
    f"## Part {number}\n\n" + "A parcel travels for two days, then somebody rings the bell. " * 9
    for number in range(6)
)
PAGES = {
    "returns.md": "# Returns\n\nSend goods back within 30 days of delivery.",
    "parcels.md": f"# Parcels\n\n{LONG}",
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return folder


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Run a command in this process; return its status and result."""
    out, level = io.StringIO(), logging.getLogger().level
    try:
        call_command(*arguments, "--json", stdout=out)
        status = 0
    except SystemExit as ended:
        status = int(ended.code or 0)
    finally:
        # A command makes the log quiet.
        logging.getLogger().setLevel(level)
    return status, json.loads(out.getvalue())


def manage(data_dir: Path, *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Run a command as a person does; return its status, result and error output."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments), "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    return ended.returncode, json.loads(ended.stdout or "{}"), ended.stderr


@pytest.mark.usefixtures("own_index")
def test_smaller_chunks_are_built_compared_put_into_use_and_rolled_back() -> None:
    ingest_shop()
    ingest("parcels.md", PAGES["parcels.md"].encode())
    _, before = run("check_index")
    status, made = run("reindex", "--chunk-tokens", "128")
    assert (status, made["generation"], made["state"]) == (0, 2, "current")
    assert made["progress"] == {"done": 4, "total": 4}
    assert made["chunks"] > before["expected"]
    assert made["comparison"]["source"] == "headings"
    assert made["comparison"]["before"]["first"] == 1.0
    status, after = run("check_index")
    assert (status, after["generation"], after["differences"]) == (0, 2, 0)
    assert after["expected"] == after["found"] == made["chunks"]

    status, back = run("reindex", "--rollback")
    assert (status, back["generation"], back["state"]) == (0, 1, "current")
    assert titles("how do I send goods back")[0] == "Returns"
    status, again = run("reindex", "--to", "2")
    assert (status, again["generation"], again["state"]) == (0, 2, "current")


@pytest.mark.usefixtures("own_index")
def test_built_by_hand_it_waits_until_it_is_put_into_use() -> None:
    ingest_shop()
    status, made = run("reindex", "--chunk-tokens", "128", "--activate", "by_hand")
    assert (status, made["state"]) == (0, "ready")
    assert run("check_index")[1]["generation"] == 1
    status, made = run("reindex", "--to", "2")
    assert (status, made["state"]) == (0, "current")


@pytest.mark.usefixtures("own_index")
def test_a_lost_index_is_told_and_made_again() -> None:
    ingest_shop()
    wiring.indexes().drop(1)
    status, checked = run("check_index")
    assert (status, checked["differences"], len(checked["missing"])) == (1, 3, 3)
    status, mended = run("check_index", "--repair")
    assert (status, mended["differences_left"], mended["documents_made_again"]) == (0, 0, 3)
    assert titles("how do I send goods back")[0] == "Returns"


@pytest.mark.usefixtures("own_index")
def test_one_collection_is_read_again_in_place() -> None:
    ingest_shop()
    status, result = run("reindex", "--collection", "default")
    assert (status, result["documents"], result["failed"]) == (0, 3, 0)
    assert result["generation"] == 1
    assert run("check_index")[1]["differences"] == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--chunk-tokens", "12"), "at least 64"),
        (("--to", "7"), "There is no generation 7"),
        (("--collection", "nowhere"), "There is no collection nowhere: default."),
        (("--collection", "default", "--chunk-tokens", "128"), "leave --collection out"),
    ],
)
@pytest.mark.usefixtures("own_index")
def test_wrong_usage_says_what_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words) as refused:
        call_command("reindex", *arguments, stdout=io.StringIO())
    assert refused.value.returncode == 2


@pytest.mark.usefixtures("own_index")
def test_a_rollback_without_an_earlier_one_is_refused_with_one() -> None:
    status, result = run("reindex", "--rollback")
    assert (status, result["error"]) == (1, "There is no earlier generation to go back to.")


def first_title(data_dir: Path, query: str) -> str:
    status, found, errors = manage(data_dir, "search", query)
    assert status == 0, errors
    title: str = found["passages"][0]["title"]
    return title


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_beside_a_running_server_the_server_builds_and_answers_from_it(
    start_server: StartServer, pages: Path
) -> None:
    server = start_server(pages)
    server.wait_for_output("Documents:")
    folder = server.data_dir
    status, checked, errors = manage(folder, "check_index")
    assert (status, checked["differences"]) == (0, 0), errors

    status, made, errors = manage(folder, "reindex", "--chunk-tokens", 128)
    assert (status, made["generation"], made["state"]) == (0, 2, "current"), errors
    assert made["chunks"] > checked["expected"]
    assert first_title(folder, "how do I send goods back") == "Returns"
    status, checked, errors = manage(folder, "check_index", "--repair")
    assert (status, checked["found"], checked["differences"]) == (0, made["chunks"], 0), errors

    status, back, errors = manage(folder, "reindex", "--rollback")
    assert (status, back["generation"], back["state"]) == (0, 1, "current"), errors
    assert first_title(folder, "when does a parcel come") == "Parcels"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_alone_it_is_built_here_and_a_server_with_another_model_set_says_so(
    start_server: StartServer, pages: Path, tmp_path: Path
) -> None:
    folder = new_data_folder(tmp_path / "data")
    assert manage(folder, "ingest", pages)[0] == 0
    status, made, errors = manage(folder, "reindex", "--chunk-tokens", 128)
    assert (status, made["generation"], made["state"]) == (0, 2, "current"), errors

    server = start_server(data_dir=folder, EMBEDDING_MODEL="acme/other")
    printed = server.wait_for_output("Note: ")
    assert "The index answers with model all-MiniLM-L6-v2, EMBEDDING_MODEL names" in printed
    assert "manage.py reindex" in printed
    assert first_title(folder, "how do I send goods back") == "Returns"
    assert '"index.other_model"' in (folder / "logs" / "server.log").read_text()

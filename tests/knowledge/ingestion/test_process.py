"""Reading in a process of its own: what a file does to it stays there."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from knowledge.ingestion import process
from knowledge.ingestion.process import PreparationProcess, PreparationStopped
from knowledge.ingestion.values import DocumentUnreadable, Step

CACHE = Path(settings.PROVIDERS["embeddings"]["OPTIONS"]["cache_folder"])


@pytest.fixture
def preparation() -> Iterator[PreparationProcess]:
    process = PreparationProcess(CACHE)
    yield process
    process.stop()


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.md"
    file.write_text("# Returns\n\nSend goods back within 30 days.", encoding="utf-8")
    return file


def child_of(preparation: PreparationProcess) -> int:
    child = preparation._child
    assert child is not None
    return child.process.pid


def test_a_file_comes_back_with_chunks_and_a_vector_for_each(
    preparation: PreparationProcess, page: Path
) -> None:
    steps: list[Step] = []
    prepared = preparation.prepare("page.md", page, "", steps.append)
    assert (prepared.title, len(prepared.chunks)) == ("Returns", 1)
    assert prepared.dense.shape == (1, 384)
    assert [step.stage for step in steps][0] == "parsing"


def test_reading_alone_makes_no_vectors(preparation: PreparationProcess, page: Path) -> None:
    prepared = preparation.read("page.md", page)
    assert "30 days" in prepared.text
    assert (len(prepared.chunks), len(prepared.dense), prepared.sparse) == (1, 0, ())


def test_a_child_that_was_killed_between_two_files_is_replaced(
    preparation: PreparationProcess, page: Path
) -> None:
    preparation.read("page.md", page)
    first = child_of(preparation)
    os.kill(first, signal.SIGKILL)
    assert preparation.read("page.md", page).title == "Returns"
    assert child_of(preparation) != first


def test_a_used_child_that_dies_on_a_file_gives_the_file_a_second_chance(
    preparation: PreparationProcess, page: Path
) -> None:
    preparation.read("page.md", page)
    killed: list[int] = []

    def kill_once(step: Step) -> None:
        if not killed:
            killed.append(child_of(preparation))
            os.kill(killed[0], signal.SIGKILL)

    assert preparation.prepare("page.md", page, "", kill_once).title == "Returns"
    assert child_of(preparation) not in killed


def test_a_file_that_ends_a_fresh_child_is_named_as_the_cause(
    preparation: PreparationProcess, page: Path
) -> None:
    def kill(step: Step) -> None:
        os.kill(child_of(preparation), signal.SIGKILL)

    with pytest.raises(DocumentUnreadable, match="ended its process"):
        preparation.prepare("page.md", page, "", kill)


def test_a_silent_child_is_ended_and_the_file_blamed(
    preparation: PreparationProcess, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "START_SECONDS", 3.0)
    monkeypatch.setattr(process, "READING_SECONDS", 0.5)
    monkeypatch.setattr(process, "HEARTBEAT_SECONDS", 0.1)
    beats: list[Step] = []

    def hang(step: Step) -> None:
        if not beats:
            os.kill(child_of(preparation), signal.SIGSTOP)
        beats.append(step)

    with pytest.raises(DocumentUnreadable, match="more than a minute"):
        preparation.prepare("page.md", page, "", hang)
    assert len(beats) > 2, "nobody was told that the work goes on"


def test_stopping_ends_what_is_running(preparation: PreparationProcess, page: Path) -> None:
    outcome: list[BaseException] = []
    begun = threading.Event()

    def work() -> None:
        try:
            preparation.prepare("page.md", page, "", lambda step: begun.set())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(60)
    preparation.stop()
    thread.join(10)
    assert [type(error) for error in outcome] == [PreparationStopped]


def test_a_file_that_needs_too_much_memory_is_refused(
    preparation: PreparationProcess, tmp_path: Path
) -> None:
    nested = tmp_path / "deep.html"
    nested.write_text("<p>word</p>" * 3_000_000, encoding="utf-8")
    with pytest.raises(DocumentUnreadable, match=r"memory|minute"):
        preparation.read("deep.html", nested)

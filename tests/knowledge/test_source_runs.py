"""A source is read by one worker at a time, when it is due, whoever dies meanwhile."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from knowledge import queue_watch, sweeping, tasks, working_sources
from knowledge.actions import source_runs, sources
from knowledge.actions.defaults import ensure_defaults
from knowledge.actions.documents import withdraw
from knowledge.actions.indexing import TakenOver
from knowledge.actions.source_runs import LEASE_SECONDS, RunRecord
from knowledge.admin.source_states import state_of_source
from knowledge.models import Document, DocumentStatus, Source
from knowledge.working_sources import run_source
from tests.knowledge.ingestion.files import zipped
from tests.knowledge.sources.casting import counts, make_ready, read, reason, source

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _defaults() -> None:
    ensure_defaults()


@pytest.fixture
def manuals(tmp_path: Path) -> Path:
    folder = tmp_path / "manuals"
    folder.mkdir()
    for name in ("lamp", "oven"):
        (folder / f"{name}.md").write_text(f"# The {name}\n\nHow to use the {name}.")
    return folder


def test_a_folder_is_read_again_and_again(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    assert counts(read(wanted)) == {"added": 2}
    make_ready()
    (manuals / "lamp.md").write_text("# The lamp\n\nHow to switch it on.")
    (manuals / "fan.md").write_text("# The fan\n\nIt turns.")
    (manuals / "oven.md").unlink()
    assert counts(read(wanted)) == {"added": 1, "changed": 1, "withdrawn": 1}
    make_ready()
    (manuals / "oven.md").write_text("# The oven\n\nHow to use the oven.")
    assert counts(read(wanted)) == {"unchanged": 3}
    assert Document.objects.get(path="manuals/oven.md").status == DocumentStatus.QUEUED


def test_a_file_that_cannot_be_used_is_a_failed_row(manuals: Path) -> None:
    (manuals / "song.mp3").write_bytes(b"ID3\x00\x01\x02" * 100)
    run = read(source("folder", str(manuals)))
    assert counts(run) == {"added": 2, "failed": 1}
    assert "recording" in reason(run, "song.mp3")


def test_the_files_of_an_archive_in_a_folder_come_and_go(manuals: Path) -> None:
    archive = manuals / "more.zip"
    archive.write_bytes(zipped({"fan.md": "# The fan\n\nIt turns.", "kit.md": "# The kit\n\nTea."}))
    wanted = source("folder", str(manuals))
    assert counts(read(wanted)) == {"added": 4}
    make_ready()
    archive.write_bytes(zipped({"fan.md": "# The fan\n\nIt turns fast."}))
    assert counts(read(wanted)) == {"changed": 1, "unchanged": 2, "withdrawn": 1}
    gone = Document.objects.get(path="manuals/more.zip!/kit.md")
    assert gone.status == DocumentStatus.WITHDRAWN


def test_a_folder_that_is_away_or_empty_withdraws_nothing(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    read(wanted)
    make_ready()
    for file in manuals.iterdir():
        file.unlink()
    assert "holds no files" in read(wanted).error
    manuals.rmdir()
    assert "no such folder" in read(wanted).error
    assert Document.objects.filter(status=DocumentStatus.INDEXED).count() == 2


def test_what_an_operator_withdrew_stays_out_of_a_folder_source(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    read(wanted)
    make_ready()
    withdraw(Document.objects.get(path="manuals/lamp.md"))
    (manuals / "lamp.md").write_text("# The lamp\n\nNew words.")
    read(wanted)
    assert Document.objects.get(path="manuals/lamp.md").status == DocumentStatus.WITHDRAWN


def test_another_folder_takes_the_place_of_the_former_one(manuals: Path, tmp_path: Path) -> None:
    wanted = source("folder", str(manuals))
    read(wanted)
    make_ready()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "fan.md").write_text("# The fan\n\nIt turns.")
    Source.objects.update(location=str(tmp_path / "new"))
    assert counts(read(wanted)) == {"added": 1, "withdrawn": 2}


def test_the_data_folder_is_no_source(settings: Any) -> None:
    assert "own data" in read(source("folder", str(settings.DATA_DIR))).error


def test_a_due_source_is_claimed_once(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    now = timezone.now()
    first = Source.objects.claim(wanted.pk, now, LEASE_SECONDS)
    assert first is not None
    assert first.attempt == 1
    assert Source.objects.claim(wanted.pk, now, LEASE_SECONDS) is None
    assert run_source(wanted.pk) is None


def test_a_lost_run_is_taken_up_again_and_the_lost_worker_writes_no_more(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    lost = Source.objects.claim(wanted.pk, timezone.now(), LEASE_SECONDS)
    assert lost is not None
    left_open = sources.begin_run(lost)
    after = timezone.now() + timedelta(seconds=LEASE_SECONDS + 1)
    assert Source.objects.due(after).exists()
    # Within the promised minute, the sweeper's second included.
    assert LEASE_SECONDS + sweeping.RING_AGAIN_SECONDS < 60
    Source.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    run = run_source(wanted.pk)
    assert run is not None
    assert counts(run) == {"added": 2}
    left_open.refresh_from_db()
    assert left_open.error == sources.LOST
    record = RunRecord(lost, left_open)
    with pytest.raises(TakenOver):
        record.beat()
    sources.finish_run(lost, left_open, "written by a ghost")
    left_open.refresh_from_db()
    assert left_open.error == sources.LOST


def test_stop_ends_a_run_at_its_next_page(manuals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = source("folder", str(manuals))
    monkeypatch.setattr(source_runs, "BEAT_SECONDS", 0.0)
    taken: list[str] = []
    take = working_sources._take_file

    def take_and_stop(*args: object) -> None:
        take(*args)  # type: ignore[arg-type]
        taken.append("file")
        assert sources.stop(wanted)

    monkeypatch.setattr(working_sources, "_take_file", take_and_stop)
    run_source(wanted.pk)
    assert taken == ["file"]
    run = wanted.runs.get()
    assert run.error.startswith("Stopped by hand")
    wanted.refresh_from_db()
    assert not wanted.running
    assert wanted.next_run_at is not None
    assert not sources.stop(wanted)


def test_a_process_that_ends_gives_its_source_back(
    manuals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = source("folder", str(manuals))
    stopping = threading.Event()
    stopping.set()
    monkeypatch.setattr(source_runs, "stopping", stopping)
    run_source(wanted.pk)
    assert Source.objects.due(timezone.now()).filter(pk=wanted.pk, running=True).exists()
    stopping.clear()
    assert counts(read(wanted)) == {"added": 2}


@pytest.mark.parametrize(
    ("every", "failures", "minutes"),
    [(60, 0, 60), (60, 1, 5), (60, 2, 10), (60, 4, 40), (60, 30, 1440), (1440, 1, 5),
     (5000, 99, 5000)],
)  # fmt: skip
def test_the_next_run_comes_by_interval_and_later_and_later_after_failures(
    every: int, failures: int, minutes: int
) -> None:
    due = sources.next_run(Source(every_minutes=every), NOW, failures)
    assert due == NOW + timedelta(minutes=minutes)


def test_a_source_without_a_schedule_is_read_only_when_told_to(manuals: Path) -> None:
    assert sources.next_run(Source(every_minutes=0), NOW, 0) is None
    assert sources.next_run(Source(every_minutes=60, enabled=False), NOW, 0) is None
    wanted = source("folder", str(manuals), every_minutes=0)
    read(wanted)
    wanted.refresh_from_db()
    assert wanted.next_run_at is None
    assert sources.run_now(wanted)
    assert run_source(wanted.pk) is not None


def test_failures_are_counted_in_a_row(tmp_path: Path, manuals: Path) -> None:
    wanted = source("folder", str(tmp_path / "away"))
    for expected in (1, 2):
        read(wanted)
        assert sources.failures_in_a_row(wanted) == expected
    Source.objects.update(location=str(manuals))
    read(wanted)
    assert sources.failures_in_a_row(wanted) == 0


def test_the_sweeper_rings_for_due_and_lost_sources_and_not_every_second(
    manuals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    monkeypatch.setattr(sweeping, "ring_for_source", rung.append)
    monkeypatch.setattr(sweeping, "_rung_at", {})
    wanted, later = source("folder", str(manuals)), source("folder", str(manuals))
    Source.objects.filter(pk=later.pk).update(next_run_at=timezone.now() + timedelta(hours=1))
    assert sweeping.sweep_sources() == 1
    assert sweeping.sweep_sources() == 0
    assert rung == [wanted.pk]
    Source.objects.claim(wanted.pk, timezone.now(), LEASE_SECONDS)
    sweeping.sweep_sources()
    sweeping.void_source_leases()
    assert sweeping.sweep_sources() == 1
    assert rung == [wanted.pk, wanted.pk]


def test_a_removed_source_takes_its_documents_out_of_the_answers(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    read(wanted)
    make_ready()
    assert sources.remove(wanted) == 2
    assert not Document.objects.exclude(status=DocumentStatus.WITHDRAWN).exists()
    assert not Source.objects.exists()


def test_an_error_of_ours_ends_the_run_and_is_said(
    manuals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object) -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr(working_sources, "_read_folder", fails)
    run = read(source("folder", str(manuals)))
    assert run.error == "Something went wrong on our side (RuntimeError). Press Run now."
    assert not Source.objects.get().running


def test_it_is_said_when_nobody_consumes_the_queue_of_sources(manuals: Path, settings: Any) -> None:
    wanted = source("folder", str(manuals))
    assert queue_watch.nobody_runs_sources() == ""
    long_ago = timezone.now() - timedelta(minutes=2)
    Source.objects.update(next_run_at=long_ago)
    assert "No worker is consuming the sources queue" in queue_watch.nobody_runs_sources()
    assert "scripts/run" in queue_watch.nobody_runs_sources()
    settings.EMBEDDED = False
    assert "worker -Q sources" in queue_watch.nobody_runs_sources()
    # Documents being read is no sign of life for this queue.
    queue_watch.saw_queue()
    assert queue_watch.nobody_runs_sources()
    # A worker that finds nothing to claim is there all the same.
    tasks.run_source(wanted.pk + 1)
    assert queue_watch.nobody_runs_sources() == ""


def test_a_source_that_waits_for_a_busy_worker_is_not_told_that_nobody_is_there(
    manuals: Path,
) -> None:
    source("folder", str(manuals))
    other = source("page", "https://shop.example.com/")
    long_ago = timezone.now() - timedelta(minutes=2)
    Source.objects.update(next_run_at=long_ago)
    ends = timezone.now() + timedelta(seconds=30)
    Source.objects.filter(pk=other.pk).update(running=True, lease_until=ends)
    assert queue_watch.nobody_runs_sources() == ""
    Source.objects.filter(pk=other.pk).update(lease_until=long_ago)
    assert queue_watch.nobody_runs_sources()


def test_a_source_whose_worker_was_lost_says_that_nobody_takes_it_up(manuals: Path) -> None:
    wanted = source("folder", str(manuals))
    long_ago = timezone.now() - timedelta(minutes=2)
    Source.objects.update(running=True, lease_until=long_ago, next_run_at=None)
    assert "No worker is consuming the sources queue" in queue_watch.nobody_runs_sources()
    shown = state_of_source(Source.objects.get(pk=wanted.pk))
    assert (shown["label"], shown["tone"]) == ("Waiting", "warning")

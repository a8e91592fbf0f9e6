"""Threads of one process take turns to write, and a failed transaction ends its turn."""

import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from celery.fixups import django as in_django
from django.db import OperationalError, connection, transaction

from knowledge.models import Audience
from supportbot.celery import app
from supportbot.embedded.sqlite.durable import Log

pytestmark = pytest.mark.django_db(transaction=True)


def write(slug: str, hold_seconds: float = 0.0) -> None:
    with transaction.atomic():
        Audience.objects.create(slug=slug, name=slug)
        time.sleep(hold_seconds)


def write_and_fail(slug: str) -> None:
    with transaction.atomic():
        Audience.objects.create(slug=slug, name=slug)
        raise ZeroDivisionError


def in_threads(*works: tuple[str, float]) -> float:
    def work(slug: str, hold_seconds: float) -> None:
        write(slug, hold_seconds)
        connection.close()

    threads = [threading.Thread(target=work, args=one) for one in works]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - started


def test_twenty_writers_lose_no_time_to_sleeping() -> None:
    seconds = in_threads(*((f"a{number}", 0.002) for number in range(20)))
    assert Audience.objects.count() == 20
    # SQLite's own waiting takes several times this.
    assert seconds < 1.0


def test_a_failed_transaction_gives_its_turn_back() -> None:
    with pytest.raises(ZeroDivisionError):
        write_and_fail("lost")
    assert in_threads(("kept", 0.0)) < 5
    assert list(Audience.objects.values_list("slug", flat=True)) == ["kept"]


def test_a_connection_closed_in_mid_transaction_gives_its_turn_back() -> None:
    def die() -> None:
        connection.ensure_connection()
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        connection.close()

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    assert in_threads(("kept", 0.0)) < 5


def test_a_statement_outside_a_transaction_still_waits_for_the_disk() -> None:
    write("first")
    write("second")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)
    with pytest.raises(ZeroDivisionError):
        write_and_fail("lost")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)


def test_a_commit_returns_when_the_log_is_on_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    rung: list[int] = []
    with transaction.atomic():
        Audience.objects.create(slug="one", name="one")
        transaction.on_commit(lambda: rung.append(len(synced)))
        assert synced == []
    # What is told to others is told after the disk has it.
    assert rung == [1]


def test_writers_share_a_wait_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def slow(file: int) -> None:
        time.sleep(0.05)
        waits.append(time.monotonic())

    monkeypatch.setattr(os, "fdatasync", slow)
    seconds = in_threads(*((f"s{number}", 0.0) for number in range(20)))
    assert Audience.objects.count() == 20
    # One by one it would be twenty waits and a second.
    assert len(waits) <= 5
    assert seconds < 0.6


def test_a_disk_that_fails_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(OperationalError, match="the disk did not take"):
        write("unsure")
    monkeypatch.undo()
    write("sure")


def test_a_log_that_is_new_or_gone_is_synced_too(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "db.sqlite3"))
    log.sync()
    for content in ("one", "two"):
        file = tmp_path / "db.sqlite3-wal"
        file.write_text(content)
        log.sync()
        file.unlink()
    log.sync()


def test_a_thread_keeps_its_connection_from_task_to_task() -> None:
    untyped: Any = in_django
    around = untyped.DjangoWorkerFixup(app)
    task = SimpleNamespace(request=SimpleNamespace(is_eager=False))
    connection.ensure_connection()
    first = connection.connection
    around.on_task_prerun(task)
    around.on_task_postrun(task)
    connection.ensure_connection()
    # That of a pool goes back; to open one to SQLite takes as long as a message's queries.
    assert (connection.connection is first) == (connection.vendor == "sqlite")

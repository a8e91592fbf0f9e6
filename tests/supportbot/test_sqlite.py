"""Threads of one process take turns to write, and a failed transaction ends its turn."""

import threading
import time

import pytest
from django.db import connection, transaction

from knowledge.models import Audience

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

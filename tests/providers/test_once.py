"""One thing a process, however many threads ask at once."""

import threading
import time

from providers.once import once


def test_threads_that_ask_together_get_the_same_thing() -> None:
    calls: list[int] = []

    @once
    def slow() -> object:
        calls.append(1)
        time.sleep(0.05)
        return object()

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(slow())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert len(calls) == 1


def test_after_clearing_another_is_made() -> None:
    @once
    def make() -> object:
        return object()

    first = make()
    make.cache_clear()
    assert not make.made
    assert make() is not first

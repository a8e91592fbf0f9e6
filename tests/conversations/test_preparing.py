from __future__ import annotations

import threading
import time

from conversations import preparing
from conversations.preparing import Preparation


def test_one_after_the_other_in_the_order_of_their_coming() -> None:
    first = Preparation()
    began: list[int] = []

    def prepare(number: int) -> None:
        preparation = Preparation()
        began.append(number)
        preparation.end()

    threads = [threading.Thread(target=prepare, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    assert began == []
    first.end()
    for thread in threads:
        thread.join()
    assert began == [1, 2]


def test_one_that_hangs_holds_nobody_up_for_long() -> None:
    hanging = Preparation()
    started = time.monotonic()
    late = Preparation()
    waited = time.monotonic() - started
    assert preparing.PATIENCE_SECONDS <= waited < 4 * preparing.PATIENCE_SECONDS
    # It went ahead without the place, so it has none to give.
    late.end()
    assert not preparing._place.acquire(timeout=0.01)
    hanging.end()
    hanging.end()
    assert preparing._place.acquire(timeout=1)
    assert not preparing._place.acquire(timeout=0.01)
    preparing._place.release()


def _waited(came_at: float) -> float:
    started = time.monotonic()
    preparing.let_answers_go_first(came_at)
    return time.monotonic() - started


def test_a_message_waits_for_the_answers_under_way_and_for_those_that_wait_behind_them() -> None:
    assert _waited(time.monotonic()) < 0.05
    first = Preparation()
    ended: list[str] = []

    def behind() -> None:
        second = Preparation()
        time.sleep(0.03)
        ended.append("answer")
        second.end()

    waiting = threading.Thread(target=behind)
    waiting.start()
    time.sleep(0.02)
    threading.Timer(0.02, first.end).start()
    preparing.let_answers_go_first(time.monotonic() + 5)
    ended.append("message")
    waiting.join()
    assert ended == ["answer", "message"]


def test_a_message_waits_a_moment_from_its_coming_at_most() -> None:
    hanging = Preparation()
    patience = preparing.MESSAGE_PATIENCE_SECONDS
    assert patience <= _waited(time.monotonic()) < 4 * patience
    assert _waited(time.monotonic() - patience) < patience / 2
    hanging.end()
    hanging.end()
    assert _waited(time.monotonic()) < patience / 2

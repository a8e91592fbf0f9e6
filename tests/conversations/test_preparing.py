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

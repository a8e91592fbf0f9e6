"""One event loop in a thread of its own for the whole process; threads hand it coroutines."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from typing import Any, TypeVar

T = TypeVar("T")


class BackgroundLoop:
    """Runs coroutines for threads. Started by the first use; started anew after a fork."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def loop(self) -> asyncio.AbstractEventLoop:
        """Return the running loop of this process."""
        with self._lock:
            # A forked child inherits the loop object but not the thread that runs it.
            if self._loop is None or self._process != os.getpid():
                self._loop = asyncio.new_event_loop()
                self._process = os.getpid()
                threading.Thread(
                    target=self._loop.run_forever, name="llm-loop", daemon=True
                ).start()
            return self._loop

    def run(self, work: Coroutine[Any, Any, T], timeout_seconds: float) -> T:
        """Run a coroutine there and wait. Raises TimeoutError after the time, and cancels it."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop())
        try:
            return future.result(timeout_seconds)
        except WaitedTooLong:
            future.cancel()
            raise TimeoutError(f"no result within {timeout_seconds:.0f} s") from None


shared = BackgroundLoop()

"""Starts the child that reads and embeds documents, watches it, and lets it go when idle."""

from __future__ import annotations

import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from knowledge.ingestion.values import DocumentUnreadable, PreparedDocument, Step
from providers.errors import EmbedderUnavailable

# No file may keep the child from saying anything for longer than this.
SILENCE_SECONDS = 60.0
# The first message also waits for the model to be exported and loaded.
START_SECONDS = 240.0
IDLE_SECONDS = 30.0
PROJECT = Path(__file__).resolve().parents[2]


class PreparationStopped(Exception):
    """The child was ended because the process is shutting down."""


class PreparationProcess:
    """One child, used by one document at a time. Thread-safe."""

    def __init__(self, model: str, cache_folder: Path) -> None:
        self._command = [
            sys.executable, "-m", "knowledge.ingestion.child", model, str(cache_folder)
        ]  # fmt: skip
        self._turn = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._messages: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._last_used = 0.0
        self._stopping = False

    def prepare(
        self, name: str, path: Path, title: str, report: Callable[[Step], None]
    ) -> PreparedDocument:
        """Have the child read and embed a stored file.

        Raises DocumentUnreadable, EmbedderUnavailable, PreparationStopped.
        """
        with self._turn:
            fresh = self._start_if_needed()
            try:
                self._ask((name, str(path), title))
                return self._follow(report, START_SECONDS if fresh else SILENCE_SECONDS)
            finally:
                self._last_used = time.monotonic()

    def stop(self) -> None:
        """End the child now; a running `prepare` raises PreparationStopped."""
        self._stopping = True
        self._kill()

    def _follow(self, report: Callable[[Step], None], patience: float) -> PreparedDocument:
        while True:
            try:
                kind, value = self._messages.get(timeout=patience)
            except queue.Empty:
                self._kill()
                raise DocumentUnreadable(
                    "Reading this file took more than a minute. Split it or export it again."
                ) from None
            patience = SILENCE_SECONDS
            match kind:
                case "step":
                    report(value)
                case "done":
                    prepared: PreparedDocument = value
                    return prepared
                case "unreadable":
                    raise DocumentUnreadable(value)
                case "failed":
                    raise EmbedderUnavailable(value)
                case _:
                    self._ended()

    def _ended(self) -> None:
        self._kill()
        if self._stopping:
            raise PreparationStopped
        raise DocumentUnreadable(
            "Reading this file ended its process; it is broken or needs too much memory. Export it "
            "again or split it."
        )

    def _start_if_needed(self) -> bool:
        if self._stopping:
            raise PreparationStopped
        if self._child is not None and self._child.poll() is None:
            return False
        self._messages = queue.Queue()
        self._child = subprocess.Popen(  # noqa: S603 - our own module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
        )
        arguments = (self._child, self._messages)
        threading.Thread(target=_read_messages, args=arguments, daemon=True).start()
        threading.Thread(target=self._end_when_idle, args=(self._child,), daemon=True).start()
        return True

    def _ask(self, request: tuple[str, str, str]) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        try:
            pickle.dump(request, self._child.stdin)
            self._child.stdin.flush()
        except OSError:
            self._ended()

    def _end_when_idle(self, child: subprocess.Popen[bytes]) -> None:
        while child.poll() is None:
            time.sleep(1)
            if self._turn.acquire(blocking=False):
                try:
                    if self._last_used and time.monotonic() - self._last_used > IDLE_SECONDS:
                        self._kill()
                        return
                finally:
                    self._turn.release()

    def _kill(self) -> None:
        child = self._child
        if child is not None:
            child.kill()
            child.wait()
            self._child = None


def _read_messages(child: subprocess.Popen[bytes], messages: queue.Queue[tuple[str, Any]]) -> None:
    assert child.stdout is not None
    while True:
        try:
            messages.put(pickle.load(child.stdout))  # noqa: S301 - from our own child
        except Exception:
            # The end of the stream, or a message cut off by the child's death.
            messages.put(("ended", None))
            return

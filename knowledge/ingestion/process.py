"""Starts the child that reads and embeds documents, watches it, and lets it go when idle."""

from __future__ import annotations

import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge.ingestion.limits import (
    HEARTBEAT_SECONDS,
    IDLE_SECONDS,
    READING_SECONDS,
    SILENCE_SECONDS,
    START_SECONDS,
)
from knowledge.ingestion.values import (
    DocumentUnreadable,
    PreparedDocument,
    Request,
    SentencesRequest,
    Step,
)
from providers.embeddings.base import Vectors
from providers.errors import EmbedderUnavailable

PROJECT = Path(__file__).resolve().parents[2]
TOO_SLOW = "Reading this file took more than a minute. Split it or export it again."
TOO_LARGE = "Reading this file needs too much memory. Split it or export it again."
ENDED = (
    "Reading this file ended its process; it is broken or needs too much memory. Export it again "
    "or split it."
)
WAITING = Step("parsing")
# From the end of what it says to the end of the process.
ENDING_SECONDS = 5.0
Report = Callable[[Step], None]


class PreparationStopped(Exception):
    """The child was ended because the process is shutting down."""


class _ChildFailed(Exception):
    """The child died or ran out of memory. The text is for the operator."""


@dataclass(slots=True)
class _Patience:
    """How long to wait for the child's next message, by the monotonic clock.

    Reading one file has a time of its own that no message prolongs, a second attempt included.
    """

    until: float = field(default_factory=lambda: time.monotonic() + START_SECONDS)
    reading_until: float | None = None

    def begin_attempt(self) -> None:
        """Wait for a child to start."""
        self.until = time.monotonic() + START_SECONDS

    def hear(self, kind: str, step: Step) -> None:
        """Take a message into account."""
        now = time.monotonic()
        if kind == "loading":
            self.until = now + START_SECONDS
        elif step.stage == WAITING.stage:
            self.reading_until = self.reading_until or now + READING_SECONDS
            self.until = self.reading_until
        else:
            self.until = now + SILENCE_SECONDS

    def left(self) -> float:
        """Return the seconds that are left; zero or less when it is over."""
        return self.until - time.monotonic()


@dataclass(frozen=True, slots=True)
class _Child:
    """A running child and what it has said."""

    process: subprocess.Popen[bytes]
    messages: queue.Queue[tuple[str, Any]] = field(default_factory=queue.Queue)

    def ask(self, request: Request | SentencesRequest) -> None:
        """Send a request; a dead child shows when its messages are read."""
        assert self.process.stdin is not None
        try:
            pickle.dump(request, self.process.stdin)
            self.process.stdin.flush()
        except (OSError, ValueError):
            return

    def end(self) -> None:
        """End it now; what waits for a message is told."""
        self.process.kill()
        self.process.wait()

    def read_messages(self) -> None:
        """Pass on what it says until it ends; for a thread."""
        assert self.process.stdout is not None
        while True:
            try:
                self.messages.put(pickle.load(self.process.stdout))  # noqa: S301 - our own child
            except Exception:
                # The end of the stream, or a message cut off by the child's death.
                self.messages.put(("ended", None))
                return


class PreparationProcess:
    """One child, used by one document at a time. Thread-safe."""

    def __init__(self, cache_folder: Path) -> None:
        self._command = [sys.executable, "-m", "knowledge.ingestion.child", str(cache_folder)]
        self._turn = threading.Lock()
        self._child: _Child | None = None
        self._last_used = 0.0
        self._stopping = False

    def prepare(
        self,
        name: str,
        path: Path,
        title: str,
        report: Report,
        *,
        model: str = "",
        chunk_tokens: int = 0,
        holding: bool = False,
        language: str = "",
    ) -> PreparedDocument:
        """Have the child read and embed a stored file.

        `model` "" is the packaged one, `chunk_tokens` 0 as many as it takes; with `holding` a
        document that an operator has to look at first is read only; `language` "" is to be
        detected. `report` is called for each
        step, and every few seconds while nothing happens; what it raises ends the work. Raises
        DocumentUnreadable, EmbedderUnavailable, PreparationStopped.
        """
        request = Request(
            name,
            str(path),
            title,
            model,
            chunk_tokens,
            embed=True,
            holding=holding,
            language=language,
        )
        prepared: PreparedDocument = self._serve(request, report)
        return prepared

    def embed_sentences(self, texts: Sequence[str], report: Report) -> Vectors:
        """Return the second model's vectors, one row a text. Raises as `prepare` does."""
        vectors: Vectors = self._serve(SentencesRequest(tuple(texts)), report)
        return vectors

    def read(self, name: str, path: Path) -> PreparedDocument:
        """Have the child read a file, without vectors. Raises as `prepare` does."""
        prepared: PreparedDocument = self._serve(Request(name, str(path)), lambda step: None)
        return prepared

    def stop(self) -> None:
        """End the child now and for good; a running `prepare` raises PreparationStopped."""
        self._stopping = True
        child = self._child
        if child is not None:
            child.end()

    def _serve(self, request: Request | SentencesRequest, report: Report) -> Any:
        patience = _Patience()
        with self._my_turn(report):
            used = self._child is not None and self._child.process.poll() is None
            try:
                return self._attempt(request, report, patience)
            except _ChildFailed as failure:
                # What came before may have weakened it: only a fresh child's failure counts.
                if not used:
                    raise DocumentUnreadable(str(failure)) from None
            try:
                return self._attempt(request, report, patience)
            except _ChildFailed as failure:
                raise DocumentUnreadable(str(failure)) from None

    @contextmanager
    def _my_turn(self, report: Report) -> Iterator[None]:
        while not self._turn.acquire(timeout=HEARTBEAT_SECONDS):
            report(WAITING)
        try:
            yield
        finally:
            self._last_used = time.monotonic()
            self._turn.release()

    def _attempt(
        self, request: Request | SentencesRequest, report: Report, patience: _Patience
    ) -> Any:
        patience.begin_attempt()
        child = self._running_child()
        child.ask(request)
        try:
            return self._follow(child, report, patience)
        except (DocumentUnreadable, EmbedderUnavailable):
            raise
        except BaseException:
            # It is in the middle of something that nobody waits for.
            self._discard(child)
            raise

    def _follow(self, child: _Child, report: Report, patience: _Patience) -> Any:
        step = WAITING
        while True:
            kind, value = self._next_message(child, patience, step, report)
            match kind:
                case "step":
                    step = value
                    patience.hear(kind, step)
                    report(step)
                case "loading":
                    patience.hear(kind, step)
                case "done":
                    return value
                case "unreadable":
                    raise DocumentUnreadable(value)
                case "failed":
                    raise EmbedderUnavailable(value)
                case "too_large":
                    raise _ChildFailed(TOO_LARGE)
                case _:
                    raise self._why_ended(child)

    def _why_ended(self, child: _Child) -> Exception:
        """Return what the end of a child means."""
        if self._stopping:
            return PreparationStopped()
        try:
            status = child.process.wait(timeout=ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            return _ChildFailed(ENDED)
        return DocumentUnreadable(TOO_SLOW) if status == -signal.SIGPROF else _ChildFailed(ENDED)

    def _next_message(
        self, child: _Child, patience: _Patience, step: Step, report: Report
    ) -> tuple[str, Any]:
        """Wait for the child's next message; meanwhile show that somebody is at work."""
        while True:
            left = patience.left()
            if left <= 0:
                self._discard(child)
                raise DocumentUnreadable(TOO_SLOW)
            try:
                return child.messages.get(timeout=min(left, HEARTBEAT_SECONDS))
            except queue.Empty:
                report(step)

    def _running_child(self) -> _Child:
        child = self._child
        if child is None or child.process.poll() is not None:
            child = _Child(
                subprocess.Popen(  # noqa: S603 - our own module
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=PROJECT
                )
            )
            self._child = child
            for target in (child.read_messages, lambda: self._end_when_idle(child)):
                threading.Thread(target=target, daemon=True).start()
        if self._stopping:
            child.end()
            raise PreparationStopped
        return child

    def _end_when_idle(self, child: _Child) -> None:
        while child.process.poll() is None:
            time.sleep(1)
            if self._turn.acquire(blocking=False):
                try:
                    if time.monotonic() - self._last_used > IDLE_SECONDS:
                        self._discard(child)
                finally:
                    self._turn.release()

    def _discard(self, child: _Child) -> None:
        child.end()
        if self._child is child:
            self._child = None

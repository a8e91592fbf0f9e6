"""The record of a run while it goes on: counts, rows, and the lease that says who runs it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import timedelta

from django.utils import timezone

from knowledge.actions.indexing import TakenOver
from knowledge.models import Source, SourceRun

LEASE_SECONDS = 45.0
# How often the lease is renewed and the counts are written while things go on.
BEAT_SECONDS = 2.0
# A site with ten thousand failures does not need them all told.
MOST_NOTES = 1000
COUNTED = ("added", "changed", "unchanged", "withdrawn", "failed", "left_out")
# Set when the process is told to end.
stopping = threading.Event()


class RunStopped(Exception):
    """The process is shutting down; another worker goes on with the source."""


class RunRecord:
    """Keeps one run's counts and rows."""

    def __init__(self, source: Source, run: SourceRun) -> None:
        self.counts: Counter[str] = Counter()
        self._source = source
        self._run = run
        self._notes: list[dict[str, str]] = []
        self._unnoted = 0
        self._beaten_at = 0.0

    def add(self, outcome: str, path: str, reason: str = "") -> None:
        """Count what became of a page or file; what is unchanged gets no row."""
        self.counts[outcome] += 1
        if outcome != "unchanged":
            self._note(path, outcome, reason)

    def remark(self, sentence: str) -> None:
        """Note something about the run as a whole."""
        self._note("", "remark", sentence)

    def beat(self) -> None:
        """Prolong the lease and show how far it is. Raises TakenOver, RunStopped."""
        if stopping.is_set():
            raise RunStopped
        now = time.monotonic()
        if now - self._beaten_at < BEAT_SECONDS:
            return
        self._beaten_at = now
        until = timezone.now() + timedelta(seconds=LEASE_SECONDS)
        if not Source.objects.held_by(self._source).update(lease_until=until):
            raise TakenOver
        SourceRun.objects.filter(pk=self._run.pk).update(
            **{name: self.counts[name] for name in COUNTED}
        )

    def require_held(self) -> None:
        """Check before something is written. Raises TakenOver."""
        if not Source.objects.held_by(self._source).exists():
            raise TakenOver

    def pause(self, seconds: float) -> None:
        """Wait, with the lease kept alive. Raises TakenOver, RunStopped."""
        ends = time.monotonic() + seconds
        self.beat()
        while (left := ends - time.monotonic()) > 0:
            stopping.wait(min(left, BEAT_SECONDS))
            self.beat()

    def filled(self) -> SourceRun:
        """Return the run's row with everything in it, not saved."""
        for name in COUNTED:
            setattr(self._run, name, self.counts[name])
        notes = list(self._notes)
        if self._unnoted:
            more = f"{self._unnoted} more rows are not listed."
            notes.append({"path": "", "outcome": "remark", "reason": more})
        self._run.notes = notes
        return self._run

    def _note(self, path: str, outcome: str, reason: str) -> None:
        if len(self._notes) >= MOST_NOTES:
            self._unnoted += 1
        else:
            self._notes.append({"path": path, "outcome": outcome, "reason": reason})

"""Brings committed transactions to the disk, many with one wait.

With `synchronous=FULL` each commit waits for the disk while nobody else can write: 4 ms each, so
ten customers who write at once wait for one another. Here a transaction commits to the log without
waiting, lets the next one write, and then waits until the log is on the disk. Who comes while the
disk is busy shares the next wait. The log is read back in its order, so what was waited for
implies all that came before it.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path


class Log:
    """SQLite's write-ahead log of one database; thread-safe."""

    def __init__(self, database: str) -> None:
        self._path = Path(f"{database}-wal")
        self._file = -1
        self._condition = threading.Condition()
        self._asked = 0
        self._synced = 0
        self._busy = False

    def sync(self) -> None:
        """Return once all that was written before this call is on the disk. Raises OSError."""
        with self._condition:
            self._asked += 1
            mine = self._asked
            while self._busy and self._synced < mine:
                self._condition.wait()
            if self._synced >= mine:
                return
            self._busy, covered = True, self._asked
        try:
            self._sync_file()
        except BaseException:
            # The others must try for themselves.
            self._end(0)
            raise
        self._end(covered)

    def _end(self, covered: int) -> None:
        with self._condition:
            self._busy, self._synced = False, max(self._synced, covered)
            self._condition.notify_all()

    def _sync_file(self) -> None:
        """Only one thread at a time comes here."""
        try:
            there = self._path.stat().st_ino
        except FileNotFoundError:
            # SQLite has put it into the database file, and waited for that.
            return
        if self._file < 0 or os.fstat(self._file).st_ino != there:
            self._open()
        os.fdatasync(self._file)

    def _open(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        # SQLite locks the database's file and not this one: closing it later drops no lock.
        self._file = os.open(self._path, os.O_RDONLY)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


_logs: dict[str, Log] = {}
_lock = threading.Lock()


def log_of(database: str) -> Log:
    """Return the log of a database file, the same object for all its connections."""
    with _lock:
        return _logs.setdefault(database, Log(database))

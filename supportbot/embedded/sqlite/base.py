"""SQLite where the threads of one process take turns to write.

SQLite lets a second writer sleep and try again, in steps of up to 100 ms. Twenty short transactions
of ten threads took 185 ms that way and 30 ms with a lock in front. Other processes still meet
SQLite's own lock, within the timeout. Who has committed lets the next one write and then waits for
the disk (durable.py); a statement outside a transaction waits for it by SQLite's own means.
"""

from __future__ import annotations

import threading
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from supportbot.embedded.sqlite.durable import log_of

# As long as the busy timeout in settings.SQLITE.
PATIENCE_SECONDS = 20.0
_turn = threading.Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the process's turn from BEGIN IMMEDIATE to the commit, the rollback or the close."""

    _has_turn = False

    def _start_transaction_under_autocommit(self) -> None:
        if not self._has_turn:
            if not _turn.acquire(timeout=PATIENCE_SECONDS):
                raise OperationalError("database is locked: another thread writes for too long")
            self._has_turn = True
        try:
            self._let_sqlite_wait(False)
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._give_turn()
            raise

    def _commit(self) -> Any:
        result = super()._commit()  # type: ignore[misc]
        # A commit that fails is followed by a rollback, which ends the turn.
        had_turn = self._has_turn
        self._give_turn()
        if had_turn:
            try:
                log_of(str(self.settings_dict["NAME"])).sync()
            except OSError as error:
                raise OperationalError(
                    f"the disk did not take what was written: {error}"
                ) from error
        return result

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]
        finally:
            self._give_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _give_turn(self) -> None:
        if self._has_turn:
            try:
                self._let_sqlite_wait(True)
            finally:
                self._end_turn()

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _turn.release()

    def _let_sqlite_wait(self, waits: bool) -> None:
        if self.connection is not None:
            self.connection.execute(f"PRAGMA synchronous={'FULL' if waits else 'NORMAL'}")

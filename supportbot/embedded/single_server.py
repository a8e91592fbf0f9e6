"""One embedded server for a data folder: the lock, and where its other processes find it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO

LOCK_NAME = "server.lock"
FILE_NAME = "server.json"


class AnotherServer(Exception):
    """A server runs on this data folder already. The text says which."""


class ServerLock:
    """Held while the server lives; the system lets go of it when the process dies."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / LOCK_NAME
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Take the lock. Raises AnotherServer."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            pid = file.read().strip() or "unknown"
            file.close()
            raise AnotherServer(
                f"A server already runs on the data folder {self._path.parent} (process {pid}). "
                "Stop it first, or set DATA_DIR to another folder for a second installation."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go."""
        if self._file is not None:
            self._file.close()
            self._file = None


class ServerFile:
    """`server.json`: the address and token by which commands reach the server's vector index."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self.token = secrets.token_urlsafe(32)

    def write(self, url: str) -> None:
        """Write it for the owner's eyes only."""
        partial = self._path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"url": url, "token": self.token, "pid": os.getpid()}, file)
        partial.replace(self._path)

    def remove(self) -> None:
        """Remove it at the end."""
        self._path.unlink(missing_ok=True)

"""The files and folders named at the start: submitted while the server already serves."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import connection

from knowledge.found_files import find_files
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.models import Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION
from knowledge.models.document import WORKING_STATUSES
from knowledge.unchanged import unchanged_files
from knowledge.unpacking import pieces, submit_piece

SAMPLE = settings.BASE_DIR / "docs" / "help"
POLL_SECONDS = 0.5
logger = logging.getLogger(__name__)
Say = Callable[[str], None]


def usable_paths(given: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Return the paths that exist, and a sentence for each that does not."""
    missing = [path for path in given if not path.expanduser().exists()]
    usable = [path for path in given if path not in missing]
    return usable, [f"There is no file or folder {path}. Check the path." for path in missing]


def sample_if_empty() -> list[Path]:
    """Return our own help articles for an installation without any documents."""
    return [] if Document.objects.exists() else [SAMPLE]


class GivenDocuments:
    """Submits the files, waits for them and tells what became of each."""

    def __init__(self, paths: Sequence[Path], say: Say, stopping: threading.Event) -> None:
        self._paths = paths
        self._say = say
        self._stopping = stopping
        self._problems: list[tuple[str, str]] = []
        self._unchanged = 0

    def run(self) -> None:
        """Do it all; for a thread of its own."""
        try:
            self._report(self._wait(self._submit()))
        except Exception:
            logger.exception("given_documents.failed")
            self._say("The given documents could not be read in: see the log for the reason.")
        finally:
            connection.close()

    def _submit(self) -> dict[str, str]:
        """Return document id -> path of what has to be worked on."""
        started = time.monotonic()
        files, self._problems = find_files(self._paths)
        waiting: dict[str, str] = {}
        known = unchanged_files(files, DEFAULT_COLLECTION)
        self._unchanged += len(known)
        for found in files:
            if found in known:
                continue
            if self._stopping.is_set():
                break
            try:
                several = [
                    submit_piece(piece) for piece in pieces(found.file.name, found.file, found.path)
                ]
            except DocumentUnreadable as error:
                self._problems.append((str(found.file), str(error)))
                continue
            for submitted in several:
                if submitted.unchanged:
                    self._unchanged += 1
                else:
                    waiting[str(submitted.document.pk)] = submitted.document.path
        if waiting:
            what = f"{len(waiting)} {_documents(len(waiting))}"
            self._say(f"Reading {what}; the chat can be used meanwhile.")
        logger.info(
            "given_documents.submitted",
            extra={
                "documents": len(waiting),
                "unchanged": self._unchanged,
                "seconds": round(time.monotonic() - started, 2),
            },
        )
        return waiting

    def _wait(self, submitted: dict[str, str]) -> dict[str, Document]:
        started = time.monotonic()
        open_ones = (DocumentStatus.QUEUED, *WORKING_STATUSES)
        rows = Document.objects.filter(pk__in=submitted)
        while submitted and rows.filter(status__in=open_ones).exists():
            if self._stopping.wait(POLL_SECONDS):
                return {}
        self._seconds = time.monotonic() - started
        return {str(document.pk): document for document in rows}

    def _report(self, done: dict[str, Document]) -> None:
        if self._stopping.is_set():
            return
        ready = [row for row in done.values() if row.status == DocumentStatus.INDEXED]
        held = [row for row in done.values() if row.status == DocumentStatus.HELD]
        failed = [row for row in done.values() if row.status == DocumentStatus.FAILED]
        problems = self._problems + [(row.path, row.error) for row in failed]
        counts = [
            (len(ready), "ready"),
            (self._unchanged, "unchanged"),
            (len(held), "held for review"),
            (len(problems), "failed"),
        ]
        told = ", ".join(f"{number} {name}" for number, name in counts if number) or "none"
        self._say(f"Documents: {told}, in {self._seconds:.0f} s.")
        for path, reason in problems:
            self._say(f"  failed  {path}: {reason}")


def _documents(number: int) -> str:
    return "document" if number == 1 else "documents"

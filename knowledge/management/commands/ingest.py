"""`manage.py ingest`: read files and folders in, and say what became of each."""

from __future__ import annotations

import resource
import time
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from knowledge.actions.documents import withdraw
from knowledge.intake import IN_ARCHIVE, FoundFile, Submitted, find_files, source_of, submit
from knowledge.management.preparing import PreparedCommand
from knowledge.models import Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION
from knowledge.wiring import indexes
from knowledge.working import preparation, work_on

POLL_SECONDS = 0.3
FINISHED = (
    DocumentStatus.INDEXED,
    DocumentStatus.FAILED,
    DocumentStatus.HELD,
    DocumentStatus.WITHDRAWN,
)
COUNTED = ("indexed", "unchanged", "failed", "held", "withdrawn")


class Command(PreparedCommand):
    """Ingest without a worker, or through the server that runs on the same data folder."""

    help = "Read files and folders into the knowledge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add paths and where they go."""
        super().add_arguments(parser)
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--collection", default=DEFAULT_COLLECTION)
        parser.add_argument("--audience", action="append", help="repeatable; default: public")
        parser.add_argument(
            "--prune", action="store_true", help="withdraw documents whose files are gone"
        )

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Register everything, work on it or wait for the server, and report each file."""
        started = time.monotonic()
        files, problems = find_files(options["paths"])
        rows = [_row(path, None, "failed", 0, reason) for path, reason in problems]
        submitted = [(found, self._submit(found, options)) for found in files]
        changed = [one.document for _, several in submitted for one in several if not one.unchanged]
        self._finish([document for document in changed if _open(document)])
        rows += [_result(found, one) for found, several in submitted for one in several]
        if options["prune"]:
            rows += _prune(options["paths"], submitted, options["collection"])
        counts = {status: sum(row["status"] == status for row in rows) for status in COUNTED}
        result: dict[str, Any] = {
            "documents": rows,
            **counts,
            "chunks": sum(row["chunks"] for row in rows),
            "seconds": round(time.monotonic() - started, 2),
            "cpu_seconds": round(_cpu_seconds(), 2),
        }
        return result, 1 if counts["failed"] else 0

    def _submit(self, found: FoundFile, options: dict[str, Any]) -> list[Submitted]:
        return submit(
            name=found.file.name,
            content=found.file,
            path=found.path,
            collection=options["collection"],
            audiences=options["audience"],
        )

    def _finish(self, documents: list[Document]) -> None:
        """Work on the documents here, or wait until the server has done it."""
        progress = tqdm(total=len(documents), disable=None, file=self.stderr, unit="document")
        here = bool(documents) and indexes().owns_index
        for document in documents:
            if here:
                work_on(document.pk)
            else:
                _wait_for(document)
            progress.update()
        progress.close()
        if here:
            preparation().stop()
            preparation.cache_clear()

    def present(self, result: dict[str, Any]) -> None:
        """Print a line for each file that is not simply unchanged, and the counts."""
        for row in result["documents"]:
            if row["status"] != "unchanged":
                note = row["error"] or f"{row['chunks']} chunks"
                self.stdout.write(f"{row['status']:<10} {row['path']}: {note}")
        counts = ", ".join(f"{result[status]} {status}" for status in COUNTED if result[status])
        self.stdout.write(f"{counts or 'nothing to do'} in {result['seconds']} s")


def _open(document: Document) -> bool:
    document.refresh_from_db()
    return document.status not in FINISHED


def _wait_for(document: Document) -> None:
    """Wait for the server's worker; a server that dies is noticed by the index having no owner."""
    while _open(document):
        time.sleep(POLL_SECONDS)
        if indexes().owns_index:
            Document.objects.filter(pk=document.pk).update(lease_until=timezone.now())
            work_on(document.pk)


def _result(found: FoundFile, submitted: Submitted) -> dict[str, Any]:
    document = submitted.document
    document.refresh_from_db()
    status = "unchanged" if submitted.unchanged else str(document.status)
    version = document.current_version
    chunks = version.chunks.count() if version and status in ("indexed", "unchanged") else 0
    path = _shown(str(found.file), submitted)
    return _row(path, str(document.pk), status, chunks, document.error)


def _shown(file: str, submitted: Submitted) -> str:
    return f"{file}{IN_ARCHIVE}{submitted.member}" if submitted.member else file


def _row(path: str, pk: str | None, status: str, chunks: int, error: str) -> dict[str, Any]:
    return {"path": path, "id": pk, "status": status, "chunks": chunks, "error": error}


def _prune(
    paths: Iterable[Path],
    submitted: Iterable[tuple[FoundFile, list[Submitted]]],
    collection: str,
) -> list[dict[str, Any]]:
    """Withdraw documents whose files below the given folders, or in the archives, are gone."""
    rows = []
    seen: set[str] = set()
    opened: set[str] = set()
    for found, several in submitted:
        source = source_of(found.file)
        seen.update(_shown(source, one) for one in several)
        if several[0].member:
            opened.add(source)
    below = [f"{source_of(path).rstrip('/')}/" for path in paths if path.is_dir()]
    for start in {*below, *(f"{archive}{IN_ARCHIVE}" for archive in opened)}:
        known = Document.objects.filter(collection__slug=collection, source__startswith=start)
        for document in known.exclude(status=DocumentStatus.WITHDRAWN):
            if document.source not in seen and _is_gone(document.source, opened):
                withdraw(document)
                rows.append(_row(document.source, str(document.pk), "withdrawn", 0, ""))
    return rows


def _is_gone(source: str, opened: set[str]) -> bool:
    """Whether a file is no longer there. Out of reach (a permission, a disk) says nothing."""
    archive, inside, _ = source.partition(IN_ARCHIVE)
    if inside and archive in opened:
        return True
    try:
        Path(archive if inside and not Path(source).exists() else source).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime

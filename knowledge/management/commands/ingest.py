"""`manage.py ingest`: read files and folders in, and say what became of each."""

from __future__ import annotations

import resource
import time
import uuid
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Count, Q

from knowledge.actions.defaults import ensure_generation
from knowledge.actions.pruning import withdraw_missing
from knowledge.found_files import IN_ARCHIVE, FoundFile, find_files
from knowledge.intake import Submitted
from knowledge.management.finishing import finish_documents
from knowledge.management.preparing import PreparedCommand
from knowledge.models import Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION
from knowledge.unchanged import AT_ONCE, unchanged_files
from knowledge.unpacking import pieces, submit_piece

COUNTED = ("indexed", "unchanged", "failed", "held", "withdrawn")


class _Now(NamedTuple):
    """How a document stands, and how many chunks of it are indexed."""

    status: str
    error: str
    chunks: int


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
        known = unchanged_files(files, options["collection"], options["audience"])
        submitted = [
            (found, one)
            for found in files
            for one in ([known[found]] if found in known else self._submit(found, options))
        ]
        changed = [one.document for _, one in submitted if not one.unchanged]
        finish_documents(changed, self.stderr)
        rows += _results(submitted)
        if options["prune"]:
            rows += _prune(options["paths"], submitted, options["collection"])
        counts = {status: sum(row["status"] == status for row in rows) for status in COUNTED}
        result: dict[str, Any] = {
            "documents": rows,
            **counts,
            "chunks": sum(row["chunks"] for row in rows),
            "seconds": round(time.monotonic() - started, 2),
            "cpu_seconds": round(_cpu_seconds(), 2),
            "peak_memory_mb": round(_peak_memory_mb(), 1),
        }
        return result, 1 if counts["failed"] else 0

    def _submit(self, found: FoundFile, options: dict[str, Any]) -> Iterator[Submitted]:
        for piece in pieces(found.file.name, found.file, found.path):
            yield submit_piece(
                piece, collection=options["collection"], audiences=options["audience"]
            )

    def present(self, result: dict[str, Any]) -> None:
        """Print a line for each file that is not simply unchanged, and the counts."""
        for row in result["documents"]:
            if row["status"] != "unchanged":
                note = row["error"] or f"{row['chunks']} chunks"
                self.stdout.write(f"{row['status']:<10} {row['path']}: {note}")
        counts = ", ".join(f"{result[status]} {status}" for status in COUNTED if result[status])
        self.stdout.write(f"{counts or 'nothing to do'} in {result['seconds']} s")


def _results(submitted: Sequence[tuple[FoundFile, Submitted]]) -> list[dict[str, Any]]:
    now = _now([one.document.pk for _, one in submitted if one.chunks is None])
    return [_result(found, one, now) for found, one in submitted]


def _result(
    found: FoundFile, submitted: Submitted, now: Mapping[uuid.UUID, _Now]
) -> dict[str, Any]:
    pk = submitted.document.pk
    if submitted.chunks is not None:
        return _row(str(found.file), str(pk), "unchanged", submitted.chunks, "")
    # One that was deleted meanwhile answers as little as a withdrawn one.
    status, error, number = now.get(pk, _Now(DocumentStatus.WITHDRAWN, "", 0))
    status = "unchanged" if submitted.unchanged else str(status)
    inside = f"{IN_ARCHIVE}{submitted.member}" if submitted.member else ""
    chunks = number if status in ("indexed", "unchanged") else 0
    return _row(f"{found.file}{inside}", str(pk), status, chunks, error)


def _now(documents: Sequence[uuid.UUID]) -> dict[uuid.UUID, _Now]:
    """Return how documents stand, with one question for each portion."""
    chunks = Q(current_version__chunks__generation=ensure_generation())
    found: dict[uuid.UUID, _Now] = {}
    for start in range(0, len(documents), AT_ONCE):
        rows = Document.objects.filter(pk__in=documents[start : start + AT_ONCE]).order_by()
        counted = rows.annotate(number=Count("current_version__chunks", filter=chunks))
        for pk, status, error, number in counted.values_list("pk", "status", "error", "number"):
            found[pk] = _Now(status, error, number)
    return found


def _row(path: str, pk: str | None, status: str, chunks: int, error: str) -> dict[str, Any]:
    return {"path": path, "id": pk, "status": status, "chunks": chunks, "error": error}


def _prune(
    paths: Iterable[Path], submitted: list[tuple[FoundFile, Submitted]], collection: str
) -> list[dict[str, Any]]:
    folders = [path for path in paths if path.is_dir()]
    in_archives = [one.document.source for _, one in submitted if one.member]
    files = [found for found, _ in submitted]
    gone = withdraw_missing(folders, files, collection, in_archives)
    return [_row(document.source, str(document.pk), "withdrawn", 0, "") for document in gone]


def _cpu_seconds() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _peak_memory_mb() -> float:
    """Return the most that this process and its child have held, as if at the same moment."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024

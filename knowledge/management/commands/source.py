"""`manage.py source`: what sources there are, and reading one now."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from knowledge.actions.sources import run_now
from knowledge.management.finishing import POLL_SECONDS, finish_documents
from knowledge.management.preparing import PreparedCommand
from knowledge.models import DocumentStatus, Source, SourceRun
from knowledge.working_sources import run_source

COUNTS = ("added", "changed", "unchanged", "withdrawn", "failed", "left_out")


class Command(PreparedCommand):
    """List sources, or read one without waiting for its time."""

    help = "List the sources, or read one now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what to do."""
        super().add_arguments(parser)
        parser.add_argument("action", choices=["list", "run"])
        parser.add_argument("source", nargs="?", metavar="NAME_OR_ID")

    def run(self, **options: Any) -> tuple[dict[str, Any], int]:
        """Do what was asked; a run that failed, or failed in part, ends with 1."""
        if options["action"] == "list":
            return {"sources": [_row(source) for source in Source.objects.all()]}, 0
        source = self._wanted(options["source"])
        run_now(source)
        run = run_source(source.pk) or _awaited(source)
        finish_documents(source.documents.exclude(status=DocumentStatus.WITHDRAWN), self.stderr)
        run.refresh_from_db()
        result = {"source": _row(Source.objects.get(pk=source.pk)), "run": _run(run)}
        return result, 1 if run.error or run.failed else 0

    def present(self, result: dict[str, Any]) -> None:
        """Print a line for each source, or for each thing that a run found."""
        for row in result.get("sources", ()):
            self.stdout.write(f"{row['id']:>4}  {row['name']}: {row['location']}, {row['state']}")
        if "run" not in result:
            return
        run = result["run"]
        for note in run["notes"]:
            self.stdout.write(f"{note['outcome']:<10} {note['path']} {note['reason']}".rstrip())
        counts = ", ".join(f"{run[name]} {name.replace('_', ' ')}" for name in COUNTS if run[name])
        self.stdout.write(run["error"] or counts or "nothing to do")

    def _wanted(self, given: str | None) -> Source:
        found = Source.objects.filter(name=given).first()
        if found is None and given is not None and given.isdecimal():
            found = Source.objects.filter(pk=int(given)).first()
        if found is None:
            names = ", ".join(Source.objects.values_list("name", flat=True)) or "none yet"
            raise self.wrong_usage(f"There is no source {given}. There are: {names}.")
        return found


def _awaited(source: Source) -> SourceRun:
    """Wait for the server, which was quicker to take the source."""
    while Source.objects.filter(pk=source.pk, running=True, lease_until__gt=timezone.now()):
        time.sleep(POLL_SECONDS)
    return source.runs.first() or SourceRun.objects.create(source=source, ended_at=timezone.now())


def _row(source: Source) -> dict[str, Any]:
    run = source.runs.first()
    state = "running" if source.running else "never read" if run is None else "read"
    return {
        "id": source.pk,
        "name": source.name,
        "kind": source.kind,
        "location": source.location,
        "collection": source.collection.slug,
        "state": "failed" if run and run.error and not source.running else state,
        "documents": source.documents.count(),
        "last_run_at": source.last_run_at,
        "next_run_at": source.next_run_at,
    }


def _run(run: SourceRun) -> dict[str, Any]:
    counts = {name: getattr(run, name) for name in COUNTS}
    return {**counts, "error": run.error, "notes": run.notes, "started_at": run.started_at,
            "ended_at": run.ended_at}  # fmt: skip

"""Sources for tests, and documents made ready without the time that takes."""

from __future__ import annotations

from typing import Any

from knowledge.models import Collection, Document, DocumentStatus, Source, SourceRun
from knowledge.working_sources import run_source
from tests.knowledge.sources.site import Site


def trust(settings: Any, *sites: Site) -> None:
    """Let web sources read these sites on this machine, without pauses."""
    web = settings.PROVIDERS["web"]
    places = [site.place for site in sites]
    options = {**web["OPTIONS"], "trusted_hosts": places, "total_seconds": 5}
    settings.PROVIDERS = {**settings.PROVIDERS, "web": {**web, "OPTIONS": options}}
    settings.WEB_TRUSTED_HOSTS = places
    settings.WEB_DELAY_SECONDS = 0.0


def source(kind: str, location: str, **fields: Any) -> Source:
    """Make a source in the default collection that is due."""
    collection = Collection.objects.get(slug="default")
    values = {"name": f"A {kind}", "collection": collection, **fields}
    made = Source.objects.create(kind=kind, location=location, **values)
    due(made)
    return made


def due(made: Source) -> None:
    """Make a source due now."""
    Source.objects.filter(pk=made.pk).update(next_run_at=made.created_at)


def read(made: Source) -> SourceRun:
    """Read a source now and return the run."""
    due(made)
    run = run_source(made.pk)
    assert run is not None
    run.refresh_from_db()
    return run


def make_ready() -> None:
    """Have all queued documents count as indexed."""
    for document in Document.objects.filter(status=DocumentStatus.QUEUED):
        newest = document.versions.order_by("-number").first()
        Document.objects.filter(pk=document.pk).update(
            status=DocumentStatus.INDEXED, current_version=newest
        )


def counts(run: SourceRun) -> dict[str, int]:
    """Return the counts that are not zero."""
    names = ("added", "changed", "unchanged", "withdrawn", "failed", "left_out")
    return {name: getattr(run, name) for name in names if getattr(run, name)}


def reason(run: SourceRun, path: str) -> str:
    """Return what a run says of a path."""
    return next(str(row["reason"]) for row in run.notes if row["path"].endswith(path))

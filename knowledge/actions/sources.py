"""What happens to sources: asked for, stopped, scheduled, finished, removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.actions.documents import withdraw
from knowledge.actions.readers import change_audiences
from knowledge.models import Document, DocumentStatus, Source, SourceRun

# After a failed run the next ones wait twice as long each, up to a day.
FIRST_RETRY_MINUTES = 5
MOST_RETRY_MINUTES = 1440
KEPT_RUNS = 50
LOST = "The worker that read it was lost; it was taken up again."


def next_run(source: Source, now: datetime, failures: int) -> datetime | None:
    """Return when a source is read again after `failures` failed runs in a row; None: never."""
    if not source.enabled or not source.every_minutes:
        return None
    minutes = source.every_minutes
    if failures:
        longest = max(minutes, MOST_RETRY_MINUTES)
        # The exponent is bounded so that the number stays one.
        minutes = min(FIRST_RETRY_MINUTES * 2 ** min(failures - 1, 20), longest)
    return now + timedelta(minutes=minutes)


def run_now(source: Source) -> bool:
    """Have a source read as soon as a worker is free; False when it is being read already."""
    waiting = Source.objects.filter(pk=source.pk, running=False)
    return bool(waiting.update(next_run_at=timezone.now()))


def stop(source: Source) -> bool:
    """End the running read after the page it is at; False when there is none."""
    with transaction.atomic():
        stopped = Source.objects.filter(pk=source.pk, running=True).update(
            running=False,
            attempt=F("attempt") + 1,
            lease_until=None,
            next_run_at=next_run(source, timezone.now(), 0),
        )
        if stopped:
            _close_open_runs(source, "Stopped by hand. What was read until then stays.")
    return bool(stopped)


def schedule(source: Source) -> None:
    """Set the next run after the form was saved: at once for a new one, else by its interval."""
    if source.last_run_at is None:
        due = timezone.now() if source.enabled else None
    else:
        due = next_run(source, source.last_run_at, failures_in_a_row(source))
    Source.objects.filter(pk=source.pk, running=False).update(next_run_at=due)


def begin_run(source: Source) -> SourceRun:
    """Note that a run begins; what a lost worker left open is closed."""
    _close_open_runs(source, LOST)
    return SourceRun.objects.create(source=source)


def finish_run(source: Source, run: SourceRun, error: str) -> None:
    """Close a run and set the next one. Nothing happens when somebody else has the source."""
    now = timezone.now()
    with transaction.atomic():
        if not Source.objects.held_by(source).select_for_update():
            return
        run.ended_at, run.error = now, error[:1000]
        run.save()
        Source.objects.held_by(source).update(
            running=False,
            lease_until=None,
            last_run_at=now,
            next_run_at=next_run(source, now, failures_in_a_row(source)),
        )
        kept = source.runs.order_by("-started_at").values_list("pk", flat=True)[:KEPT_RUNS]
        source.runs.exclude(pk__in=list(kept)).delete()


def give_back(source: Source) -> None:
    """Let another worker go on: this one is shutting down."""
    ended = timezone.now() - timedelta(seconds=1)
    Source.objects.held_by(source).update(lease_until=ended)


def failures_in_a_row(source: Source) -> int:
    """Return how many of the last ended runs failed as a whole, newest first."""
    failures = 0
    ended = source.runs.exclude(ended_at=None).order_by("-started_at")
    for error in ended.values_list("error", flat=True)[:KEPT_RUNS]:
        if not error:
            break
        failures += 1
    return failures


def let_read(source: Source) -> None:
    """Give the source's documents its readers, or its collection's when it names none."""
    readers = readers_of(source)
    for document in source.documents.all():
        if set(document.audiences.values_list("slug", flat=True)) != set(readers):
            change_audiences(document, readers)


def readers_of(source: Source) -> list[str]:
    """Return who may read what the source brings."""
    own = sorted(source.audiences.values_list("slug", flat=True))
    return own or sorted(source.collection.audiences.values_list("slug", flat=True))


def withdraw_documents(source: Source) -> int:
    """Take all documents of a source out of the answers; return how many."""
    served = source.documents.exclude(status=DocumentStatus.WITHDRAWN)
    number = 0
    for document in served:
        withdraw(document)
        number += 1
    return number


def remove(source: Source) -> int:
    """Delete a source; its documents are withdrawn. Returns how many that were."""
    # Fences a worker that is at it.
    stop(source)
    number = withdraw_documents(source)
    source.delete()
    return number


def withdraw_page(source: Source, url: str) -> Document | None:
    """Forget a page; return its document if that left the answers by it.

    A document that another source has too stays.
    """
    page = source.pages.filter(url=url).select_related("document").first()
    if page is None:
        return None
    document = page.document
    page.delete()
    if document is None or document.status == DocumentStatus.WITHDRAWN:
        return None
    if type(page).objects.filter(document=document).exists():
        return None
    withdraw(document)
    return document


def _close_open_runs(source: Source, error: str) -> None:
    source.runs.filter(ended_at=None).update(ended_at=timezone.now(), error=error)

"""How a source's state is shown: words and an icon, when it was read, what that changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypedDict

from django.utils import timezone
from django.utils.timesince import timesince, timeuntil

from knowledge.models import Source, SourceRun
from knowledge.queue_watch import nobody_runs_sources

# Up to here a duration is told in seconds.
SHORT_SECONDS = 120


class SourceState(TypedDict):
    """What the list and its live updates show of one source."""

    label: str
    icon: str
    tone: str
    detail: str
    busy: bool
    last: str
    changes: str
    failed: str
    next: str


def state_of_source(source: Source) -> SourceState:
    """Return how a source's state is shown."""
    now = timezone.now()
    run = source.runs.first()
    label, icon, tone, detail = _look(source, run, now)
    shown = run if run is not None else SourceRun()
    return SourceState(
        label=label,
        icon=icon,
        tone=tone,
        detail=detail,
        busy=source.running or _is_due(source, now),
        last=since(source.last_run_at, now) if source.last_run_at else "never",
        changes=changes_of(shown),
        failed=str(shown.failed or ""),
        next=_next(source, now),
    )


def since(moment: datetime, now: datetime) -> str:
    """Return how long ago a moment was."""
    if now - moment < timedelta(minutes=1):
        return "just now"
    return f"{timesince(moment, now, depth=1)} ago"


def duration_of(run: SourceRun) -> str:
    """Return how long a run took, or that it still runs."""
    if run.ended_at is None:
        return "still running"
    seconds = (run.ended_at - run.started_at).total_seconds()
    if seconds < SHORT_SECONDS:
        return f"{max(1, round(seconds))} s"
    return timesince(run.started_at, run.ended_at, depth=1)


def changes_of(run: SourceRun) -> str:
    """Return what a run changed, in one line."""
    counts = (
        (run.added, "new"),
        (run.changed, "changed"),
        (run.withdrawn, "withdrawn"),
        (run.unchanged, "unchanged"),
        (run.left_out, "left out"),
    )
    return ", ".join(f"{number} {word}" for number, word in counts if number)


def _look(source: Source, run: SourceRun | None, now: datetime) -> tuple[str, str, str, str]:
    """Return label, icon (Material Symbols), tone and detail."""
    lost = source.running and source.lease_until is not None and source.lease_until < now
    if source.running and not lost:
        return "Reading", "sync", "busy", _so_far(run)
    if lost or _is_due(source, now):
        if nobody := nobody_runs_sources():
            return "Waiting", "schedule", "warning", nobody
        return "Waiting", "schedule", "plain", "Its turn comes when a worker is free."
    if run is None:
        detail = "" if source.next_run_at else "Press Run now."
        return "Not read yet", "hourglass_empty", "plain", detail
    if run.error:
        return "Failed", "error", "bad", run.error
    if run.failed:
        noun = "page or file" if run.failed == 1 else "pages or files"
        detail = f"{run.failed} {noun} failed; what was read before stays in use."
        return "Read with failures", "warning", "warning", detail
    return "Read", "check_circle", "good", "" if source.enabled else "Switched off."


def _so_far(run: SourceRun | None) -> str:
    if run is None or run.ended_at is not None:
        return ""
    done = run.added + run.changed + run.unchanged + run.failed + run.left_out
    return f"{done} so far: {changes_of(run)}" if done else "Beginning."


def _is_due(source: Source, now: datetime) -> bool:
    return not source.running and source.next_run_at is not None and source.next_run_at <= now


def _next(source: Source, now: datetime) -> str:
    if source.running:
        return "being read"
    if source.next_run_at is None:
        return "only when told to"
    if source.next_run_at <= now:
        return "now"
    return f"in {timeuntil(source.next_run_at, now, depth=1)}"

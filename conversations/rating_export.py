"""Ratings and signals as words and as CSV: which answers helped. No words of customers in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from conversations.models import Answer, Feedback, Signal, SignalKind
from observability.export import lines_of

COLUMNS = (
    "answer",
    "answered_at",
    "disposition",
    "source",
    "confidence",
    "model",
    "prompt_version",
    "rating",
    "reason",
    *(kind.value for kind in SignalKind),
)


def signals_in_words(kinds: Iterable[str]) -> str:
    """Return counts as words: "Source opened 2, Solved 1"; empty for none."""
    counts = Counter(kinds)
    return ", ".join(f"{kind.label} {counts[kind]}" for kind in SignalKind if counts[kind])


def rated_or_signalled() -> QuerySet[Answer]:
    """Return the answers of which customers said or did something, the oldest first."""
    rated = Feedback.objects.filter(answer=OuterRef("pk"))
    signalled = Signal.objects.filter(message=OuterRef("message"))
    rows = Answer.objects.filter(Q(Exists(rated)) | Q(Exists(signalled)))
    return rows.prefetch_related("feedback", "message__signals").order_by("created_at")


def rating_lines(answers: QuerySet[Answer]) -> Iterator[str]:
    """Yield the header and a line for each answer."""
    return lines_of(COLUMNS, (_row(answer) for answer in answers.iterator(chunk_size=500)))


def _row(answer: Answer) -> list[object]:
    counts = Counter(signal.kind for signal in answer.message.signals.all())
    ratings = list(answer.feedback.all())
    return [
        str(answer.message_id),
        answer.created_at,
        answer.disposition,
        answer.source,
        round(answer.confidence, 3),
        answer.model,
        answer.prompt_version,
        ratings[0].rating if ratings else None,
        ratings[0].reason if ratings else "",
        *(counts[kind] for kind in SignalKind),
    ]

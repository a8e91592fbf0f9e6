"""Measures the index on questions whose right document is known, and compares two generations."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from knowledge import metrics
from knowledge.models import Document, DocumentStatus, GoldenQuestion, IndexGeneration
from knowledge.retrieval.values import Reader
from knowledge.wiring import searcher

# Enough to tell a worse model, few enough to ask in seconds.
MOST_QUESTIONS = 300
PASSAGES = 30
# Searching computes in the process that answers customers: after so much of it comes a rest of the
# same length, in which a customer's question has the process to itself.
SLICE_SECONDS = 0.05
Rest = Callable[[float], None]
# Below this change of MRR a difference is within what a few questions can show.
WORSE_BY = 0.03


def compare(generation: IndexGeneration, rest: Rest = time.sleep) -> dict[str, Any]:
    """Ask the golden questions, or headings where there are none, of both; return the figures.

    They are asked in slices of SLICE_SECONDS, with `rest` called after each.
    """
    current = IndexGeneration.objects.in_use()
    questions, source = _questions()
    compared_at = timezone.now().isoformat()
    if current is None or not questions:
        return {"questions": 0, "source": source, "compared_at": compared_at}
    before, after = (_ranks(asked, questions, rest) for asked in (current, generation))
    return {
        "questions": len(questions),
        "source": source,
        "compared_at": compared_at,
        "against": current.number,
        "before": _figures(before),
        "after": _figures(after),
        "changed": _changed(questions, before, after),
    }


def measure(rest: Rest = time.sleep) -> dict[str, Any]:
    """Ask the golden questions of the index in use; return the figures, and the worst rows first.

    `intervals` are those of 95 %. The questions are asked in slices, with `rest` called after each.
    """
    current = IndexGeneration.objects.in_use()
    questions = _golden()
    if current is None or not questions:
        return {"questions": 0, "rows": []}
    ranks = _ranks(current, questions, rest)
    rows = [
        {"question": query, "document": document, "rank": rank}
        for (query, document), rank in zip(questions, ranks, strict=True)
    ]
    return {
        "questions": len(questions),
        "figures": _figures(ranks),
        "intervals": {
            "first": metrics.interval([float(rank == 1) for rank in ranks]),
            "in_first_five": metrics.interval([float(0 < rank <= 5) for rank in ranks]),
            "mrr_at_10": metrics.interval([1 / r if 0 < r <= 10 else 0.0 for r in ranks]),
        },
        "rows": sorted(rows, key=lambda row: row["rank"] or PASSAGES + 1, reverse=True),
    }


def is_worse(comparison: dict[str, Any]) -> bool:
    """Say whether the new generation finds clearly less than the one in use."""
    if not comparison.get("questions"):
        return False
    before, after = comparison["before"], comparison["after"]
    return bool(after["mrr_at_10"] < before["mrr_at_10"] - WORSE_BY)


def _golden() -> list[tuple[str, Document]]:
    golden = GoldenQuestion.objects.select_related("document").exclude(
        document__status=DocumentStatus.WITHDRAWN
    )
    return [(row.question, row.document) for row in golden[:MOST_QUESTIONS]]


def _questions() -> tuple[list[tuple[str, Document]], str]:
    found = _golden()
    if found:
        return found, "golden questions"
    documents = Document.objects.filter(status=DocumentStatus.INDEXED).select_related(
        "current_version"
    )
    probes = [
        (str(probe["query"]), document)
        for document in documents.order_by("pk")[:MOST_QUESTIONS]
        if document.current_version
        for probe in document.current_version.probes[-1:]
    ]
    return probes, "headings"


def _ranks(
    generation: IndexGeneration, questions: list[tuple[str, Document]], rest: Rest
) -> list[int]:
    ranks = []
    began = time.monotonic()
    for query, document in questions:
        ranks.append(_ranked(generation, query, document))
        busy_seconds = time.monotonic() - began
        if busy_seconds >= SLICE_SECONDS:
            rest(busy_seconds)
            began = time.monotonic()
    return ranks


def _ranked(generation: IndexGeneration, query: str, document: Document) -> int:
    """Return the document's rank for its own readers, 0 when it is not found."""
    readers = frozenset(document.audiences.values_list("slug", flat=True))
    reader = Reader(readers, previews=True)
    found = searcher(generation).retrieve(query, reader, PASSAGES).passages
    documents = list(dict.fromkeys(passage.document for passage in found))
    wanted = str(document.pk)
    return documents.index(wanted) + 1 if wanted in documents else 0


def _figures(ranks: list[int]) -> dict[str, float]:
    number = len(ranks) or 1
    return {
        "first": round(sum(rank == 1 for rank in ranks) / number, metrics.DIGITS),
        "in_first_five": round(sum(0 < rank <= 5 for rank in ranks) / number, metrics.DIGITS),
        "mrr_at_10": round(sum(1 / r for r in ranks if 0 < r <= 10) / number, metrics.DIGITS),
    }


def _changed(
    questions: list[tuple[str, Document]], before: list[int], after: list[int]
) -> list[dict[str, Any]]:
    rows = [
        {"question": query, "document": document.title, "before": old, "after": new}
        for (query, document), old, new in zip(questions, before, after, strict=True)
        if old != new
    ]
    return sorted(rows, key=lambda row: _loss(row), reverse=True)[:20]


def _loss(row: dict[str, Any]) -> float:
    def worth(rank: int) -> float:
        return 1 / rank if rank else 0.0

    return worth(row["before"]) - worth(row["after"])

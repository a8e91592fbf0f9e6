"""What a document's page shows of its versions and of the text that is searched."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from knowledge.models import Chunk, Document

# A page with thousands of passages helps nobody; search shows the others.
MOST_CHUNKS = 200


def details_of(document: Document) -> dict[str, Any]:
    """Return versions, outline and passages of the version in use, or of the newest one."""
    versions = list(document.versions.order_by("-number"))
    shown = document.current_version or (versions[0] if versions else None)
    chunks = list(shown.chunks.order_by("ordinal")[:MOST_CHUNKS]) if shown else []
    total = shown.chunks.count() if shown else 0
    return {
        "versions": versions,
        "shown_version": shown,
        "outline": _outline(chunks),
        "chunks": chunks,
        "chunks_total": total,
        "chunks_left": total - len(chunks),
    }


def _outline(chunks: list[Chunk]) -> list[dict[str, Any]]:
    """Return the headings in order with their depth and how many passages each has."""
    found = []
    for headings, group in groupby(chunks, key=lambda chunk: tuple(chunk.headings)):
        members = list(group)
        found.append(
            {
                "heading": headings[-1] if headings else "Without a heading",
                "depth": max(len(headings) - 1, 0),
                "first": members[0].ordinal,
                "number": len(members),
                "page": members[0].page,
            }
        )
    return found

"""What a document's page shows: its text as it is searched, what stood out, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Q

from knowledge.admin.finding_words import Said, in_words
from knowledge.admin.marked import Excerpt, excerpts, places_in
from knowledge.ingestion.chunking import embedding_text
from knowledge.models import (
    Chunk,
    Contradiction,
    Document,
    DocumentStatus,
    DocumentVersion,
    DuplicatePair,
    IndexGeneration,
)

PASSAGES_A_PAGE = 50
MOST_HEADINGS = 1000
MOST_VERSIONS = 100
MOST_COMPARED = 50
MOST_TEXT_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version, and what it is for now."""

    version: DocumentVersion
    use: str


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A chunk as it was embedded: `context` (title and heading path) and its own text."""

    chunk: Chunk
    context: str


def details_of(document: Document, page: int) -> dict[str, Any]:
    """Return versions, what holds it, probes, outline and one page of passages."""
    # Texts may be long, and one of them at most is shown.
    rows = document.versions.select_related("released_by").defer("text", "signature")
    versions = list(rows.order_by("-number")[:MOST_VERSIONS])
    newest = versions[0] if versions else None
    shown = document.current_version or newest
    return {
        "versions": [_shown(version, document, newest) for version in versions],
        "versions_left": rows.count() - len(versions),
        "newest": newest,
        "stood_out": _stood_out(document, newest),
        "shown_version": shown,
        "probes": shown.probes if shown else [],
        **_held(document, newest),
        **_passages(document, shown, page),
        **_compared(document),
    }


def _shown(
    version: DocumentVersion, document: Document, newest: DocumentVersion | None
) -> ShownVersion:
    if version.pk == document.current_version_id:
        use = "In use" if document.status != DocumentStatus.WITHDRAWN else "Last in use"
    elif version == newest:
        use = "Held" if document.status == DocumentStatus.HELD else "Not ready"
    else:
        use = "Earlier" if version.indexed_at else "Never ready"
    return ShownVersion(version, use)


def _stood_out(document: Document, newest: DocumentVersion | None) -> list[Said]:
    """Return the newest version's findings; those that hold it now have a place of their own."""
    held = document.status == DocumentStatus.HELD
    said = [in_words(finding) for finding in newest.findings] if newest else []
    return [finding for finding in said if not (held and finding.holds)]


def _held(document: Document, newest: DocumentVersion | None) -> dict[str, Any]:
    """Return the sentences that hold a document, in their surroundings."""
    if newest is None or document.status != DocumentStatus.HELD:
        return {}
    places = places_in(newest.findings, len(newest.text))
    shown: list[Excerpt] = excerpts(newest.text, places)
    marked = sum(segment.number > 0 for excerpt in shown for segment in excerpt.segments)
    return {
        "held_version": newest,
        "held_findings": [said for finding in newest.findings if (said := in_words(finding)).holds],
        "held_excerpts": shown,
        "held_left": len(places) - marked,
        "held_text": newest.text[:MOST_TEXT_CHARACTERS],
        "held_text_cut": len(newest.text) > MOST_TEXT_CHARACTERS,
    }


def _passages(document: Document, shown: DocumentVersion | None, page: int) -> dict[str, Any]:
    """Return what the index in use holds of a version, `page` counted from 1."""
    generation = IndexGeneration.objects.in_use()
    if shown is None or generation is None:
        return {"passages": [], "passages_total": 0}
    chunks = shown.chunks.filter(generation=generation).order_by("ordinal")
    rows = list(chunks.values_list("ordinal", "headings", "page"))
    pages = max(-(-len(rows) // PASSAGES_A_PAGE), 1)
    page = min(max(page, 1), pages)
    first = (page - 1) * PASSAGES_A_PAGE
    return {
        "generation": generation,
        "outline": _outline(rows)[:MOST_HEADINGS],
        "passages": [
            ShownPassage(chunk, _context(document, chunk))
            for chunk in chunks[first : first + PASSAGES_A_PAGE]
        ],
        "passages_total": len(rows),
        "passages_page": page,
        "passages_pages": pages,
    }


def _context(document: Document, chunk: Chunk) -> str:
    embedded = embedding_text(document.title, chunk.headings, chunk.text)
    return embedded.removesuffix(chunk.text).rstrip("\n")


def _outline(rows: list[tuple[int, list[str], int | None]]) -> list[dict[str, Any]]:
    """Return the headings in order with their depth and how many passages each has."""
    found = []
    for headings, group in groupby(enumerate(rows), key=lambda entry: tuple(entry[1][1])):
        members = list(group)
        index, (first, _, page) = members[0]
        found.append(
            {
                "heading": headings[-1] if headings else "Without a heading",
                "depth": max(len(headings) - 1, 0),
                "first": first,
                "on": index // PASSAGES_A_PAGE + 1,
                "number": len(members),
                "page": page,
            }
        )
    return found


def _compared(document: Document) -> dict[str, Any]:
    """Return its copies and what contradicts it, this document's side first."""
    mine = Q(first=document) | Q(second=document)
    copies = DuplicatePair.objects.filter(mine).select_related("first", "second")
    disputes = Contradiction.objects.filter(mine).select_related("first", "second")
    return {
        "copies": [
            {
                "other": pair.second if pair.first_id == document.pk else pair.first,
                "exact": pair.similarity >= 1,
                "percent": int(pair.similarity * 100),
                "state": pair.get_state_display(),
                "row": pair.pk,
            }
            for pair in copies[:MOST_COMPARED]
        ],
        "contradictions": [_dispute(row, document) for row in disputes[:MOST_COMPARED]],
    }


def _dispute(row: Contradiction, document: Document) -> dict[str, Any]:
    sides = [
        {"document": row.first, "value": row.first_value, "statement": row.first_statement},
        {"document": row.second, "value": row.second_value, "statement": row.second_statement},
    ]
    if row.first_id != document.pk:
        sides.reverse()
    shown = row.get_state_display()
    return {"mine": sides[0], "theirs": sides[1], "row": row.pk, "state": shown}

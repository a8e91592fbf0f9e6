"""Questions made of a document itself, which its index has to find before it counts as ready."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.ingestion.chunking import embedding_text
from knowledge.ingestion.values import ChunkDraft, PreparedDocument

MOST_PROBES = 3
MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Probe:
    """A question, and the words of the chunk that it is about."""

    query: str
    text: str


def probes_of(prepared: PreparedDocument) -> list[Probe]:
    """Return at most three probes, from the beginning, the middle and the end."""
    number = len(prepared.chunks)
    places = sorted({0, number // 2, number - 1})[:MOST_PROBES] if number else []
    return [_probe(prepared.title, prepared.chunks[place]) for place in places]


def _probe(title: str, chunk: ChunkDraft) -> Probe:
    heading = chunk.headings[-1] if chunk.headings else ""
    parts = [title] if heading in ("", title) else [title, heading]
    text = embedding_text(title, chunk.headings, chunk.text)
    return Probe(" ".join(parts)[:MOST_CHARACTERS], text)

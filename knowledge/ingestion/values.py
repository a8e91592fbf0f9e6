"""What passes between the steps of ingestion."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath

import numpy as np

from providers.embeddings.base import Vectors
from providers.vector_store.base import SparseVector

# Part of a version's fingerprint: raise it when parsing or chunking changes what is indexed.
PIPELINE_VERSION = "2"


def readable_name(name: str) -> str:
    """Turn a file name into words: `reset-password_v2.md` becomes `Reset password v2`."""
    words = PurePath(name).stem.replace("-", " ").replace("_", " ").split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


class DocumentUnreadable(Exception):
    """A file cannot be used. The text is one sentence for the operator with the next step."""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What was read out of a file: Markdown with its headings.

    `page_starts` holds (offset into `markdown`, page number) for formats that have pages.
    """

    title: str
    markdown: str
    url: str = ""
    page_starts: tuple[tuple[int, int], ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk before it is stored. `headings` is the path above its first line."""

    ordinal: int
    headings: tuple[str, ...]
    page: int | None
    text: str
    token_count: int


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """Everything that the owner of the index needs; rows of `dense` belong to `chunks`.

    `dense` and `sparse` are empty when the file was only read.
    """

    title: str
    url: str
    language: str
    text: str
    media_type: str
    chunks: tuple[ChunkDraft, ...]
    dense: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    sparse: tuple[SparseVector, ...] = ()
    findings: tuple[str, ...] = ()
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one document: the stage, and how many of its pieces are done."""

    stage: str
    done: int = 0
    total: int = 0

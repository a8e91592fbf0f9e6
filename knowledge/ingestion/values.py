"""What passes between the steps of ingestion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

import numpy as np

from providers.embeddings.base import Vectors
from providers.vector_store.base import SparseVector

# Part of a version's fingerprint: raise it when parsing or chunking changes what is indexed.
PIPELINE_VERSION = "4"


TOO_DEEP = (
    "The file is nested more deeply than any document needs to be. Save it again in its program "
    "and upload that."
)


def readable_name(name: str) -> str:
    """Turn a file name into words: `reset-password_v2.md` becomes `Reset password v2`."""
    words = PurePath(name).stem.replace("-", " ").replace("_", " ").split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


class DocumentUnreadable(Exception):
    """A file cannot be used. The text is one sentence for the operator with the next step."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file that an operator should know of.

    `code` names it for statistics and for the sentence that is shown; `detail` says more, where
    `start` and `end` give its place in the text that is searched, `reason` tells findings of one
    code apart. One that `holds` keeps the document out of answers until an operator has decided.
    """

    code: str
    detail: str = ""
    start: int | None = None
    end: int | None = None
    holds: bool = False
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored with a version."""
        row: dict[str, Any] = {"code": self.code, "detail": self.detail, "holds": self.holds}
        if self.start is not None:
            row |= {"start": self.start, "end": self.end}
        if self.reason:
            row["reason"] = self.reason
        return row


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What was read out of a file: Markdown with its headings.

    `page_starts` holds (offset into `markdown`, page number) for formats that have pages.
    `updated` is the day the text says it was last changed, YYYY-MM-DD, or empty.
    """

    title: str
    markdown: str
    url: str = ""
    updated: str = ""
    page_starts: tuple[tuple[int, int], ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    """A chunk before it is stored.

    `headings` is the path above its first line, `start` where it begins in the document's text.
    """

    ordinal: int
    headings: tuple[str, ...]
    page: int | None
    text: str
    token_count: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """Everything that the owner of the index needs; rows of `dense` belong to `chunks`.

    `dense` and `sparse` are empty when the file was only read; there is no `title_vector` then, nor
    for a document without a title. `probe_vectors` are those of its probes' questions.
    """

    title: str
    url: str
    language: str
    text: str
    media_type: str
    chunks: tuple[ChunkDraft, ...]
    dense: Vectors = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))
    sparse: tuple[SparseVector, ...] = ()
    title_vector: Vectors | None = None
    probe_vectors: Mapping[str, Vectors] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    cpu_seconds: float = 0.0
    updated: str = ""

    @property
    def holds(self) -> bool:
        """Say whether an operator has to look at it first."""
        return any(finding.holds for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the child process: a stored file, and what to make of it.

    `model` "" is the packaged one; `chunk_tokens` 0: as many as the model takes. A document that
    `holding` keeps for an operator is not embedded. `language` "" is to be detected.
    """

    name: str
    path: str
    title: str = ""
    model: str = ""
    chunk_tokens: int = 0
    embed: bool = False
    holding: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class SentencesRequest:
    """What else is asked of it: vectors of these texts by the second model."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of one document: the stage, and how many of its pieces are done."""

    stage: str
    done: int = 0
    total: int = 0

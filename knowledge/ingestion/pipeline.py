"""From a file's bytes to chunks with vectors: parse, clean, chunk, embed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from knowledge.ingestion.chunking import Chunker, embedding_text
from knowledge.ingestion.inspection import instruction_findings
from knowledge.ingestion.limits import MAX_TEXT_CHARACTERS, TOO_MUCH_TEXT
from knowledge.ingestion.parsing.registry import parser_for
from knowledge.ingestion.probing import probes_of
from knowledge.ingestion.sanitising import clean, hidden_characters
from knowledge.ingestion.sniffing import Kind, kind_of
from knowledge.ingestion.values import (
    TOO_DEEP,
    DocumentUnreadable,
    ParsedDocument,
    PreparedDocument,
    Step,
    readable_name,
)
from knowledge.retrieval.analysis import sparse_document
from knowledge.retrieval.understanding import embedded_text
from providers.embeddings.base import Embedder, Vectors

# Between two batches the process takes a breath and says how far it is. With 32 texts it was silent
# more than twice as long, for no less CPU: a chat beside it waited that long for a core.
EMBED_BATCH = 16
MAX_TITLE_CHARACTERS = 300
TITLES_REMEMBERED = 1024
_titles: dict[tuple[str, str], Vectors] = {}
Report = Callable[[Step], None]


def read_file(
    name: str, content: bytes, title: str, chunker: Chunker, language_of: Callable[[str], str]
) -> PreparedDocument:
    """Read and chunk one file, without vectors. Raises DocumentUnreadable.

    `title` replaces the one found in the file unless it is empty; `language_of` tells a text's.
    """
    started = time.process_time()
    kind = kind_of(name, content)
    parsed = read(kind, name, content)
    shown_title = (title or parsed.title)[:MAX_TITLE_CHARACTERS]
    drafts = chunker.chunks(shown_title, parsed.markdown, parsed.page_starts)
    if not drafts:
        raise DocumentUnreadable("There is no text in this file. Upload a version with text.")
    return PreparedDocument(
        title=shown_title,
        url=parsed.url,
        language=language_of(parsed.markdown),
        text=parsed.markdown,
        media_type=kind.value,
        chunks=tuple(drafts),
        findings=(
            *parsed.findings,
            *instruction_findings(parsed.markdown, shown_title, parsed.findings),
        ),
        updated=parsed.updated,
        cpu_seconds=time.process_time() - started,
    )


def with_vectors(read: PreparedDocument, embedder: Embedder, report: Report) -> PreparedDocument:
    """Add the vectors of chunks, title and probes. Raises EmbedderUnavailable."""
    started = time.process_time()
    texts = [embedding_text(read.title, draft.headings, draft.text) for draft in read.chunks]
    dense = _embed(texts, embedder, report)
    sparse = tuple(sparse_document(text, read.language) for text in texts)
    title = _title_vector(read.title, embedder) if read.title.strip() else None
    # Here, so that the process that searches for them need not load the model.
    asked = {p.query: embedder.embed_query(embedded_text(p.query)) for p in probes_of(read)}
    return replace(
        read,
        dense=dense,
        sparse=sparse,
        title_vector=title,
        probe_vectors=asked,
        cpu_seconds=read.cpu_seconds + time.process_time() - started,
    )


def read(kind: Kind, name: str, content: bytes) -> ParsedDocument:
    """Parse and clean. Page offsets are moved along with the text. Raises DocumentUnreadable."""
    if kind is Kind.ARCHIVE:
        raise DocumentUnreadable(
            "A ZIP file is not a document itself. Upload it again, and each file in it becomes one."
        )
    try:
        parsed = parser_for(kind)(content, readable_name(name))
    except RecursionError as error:
        raise DocumentUnreadable(TOO_DEEP) from error
    if len(parsed.markdown) > MAX_TEXT_CHARACTERS:
        raise DocumentUnreadable(TOO_MUCH_TEXT)
    hidden = hidden_characters(parsed.markdown)
    pages = _cleaned_pages(parsed)
    starts: list[tuple[int, int]] = []
    offset = 0
    for number, text in pages:
        starts.append((offset, number))
        offset += len(text) + 2
    return replace(
        parsed,
        title=" ".join(clean(parsed.title).split()) or readable_name(name),
        markdown="\n\n".join(text for _, text in pages),
        page_starts=tuple(starts) if parsed.page_starts else (),
        findings=(*parsed.findings, hidden) if hidden else parsed.findings,
    )


def _cleaned_pages(parsed: ParsedDocument) -> list[tuple[int, str]]:
    if not parsed.page_starts:
        return [(1, clean(parsed.markdown))]
    ends = [offset for offset, _ in parsed.page_starts[1:]] + [len(parsed.markdown)]
    pages = [
        (number, clean(parsed.markdown[start:end]))
        for (start, number), end in zip(parsed.page_starts, ends, strict=True)
    ]
    return [(number, text) for number, text in pages if text]


def _title_vector(title: str, embedder: Embedder) -> Vectors:
    # Versions of a document, and the pages of a manual, often share one.
    key = (embedder.name, title)
    if key not in _titles:
        if len(_titles) >= TITLES_REMEMBERED:
            _titles.clear()
        _titles[key] = embedder.embed_documents([title])[0]
    return _titles[key]


def _embed(texts: list[str], embedder: Embedder, report: Report) -> Vectors:
    # Sorted by length over the whole document, so that batches hold texts of like length.
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
    dense = np.zeros((len(texts), embedder.dimensions), dtype=np.float32)
    for start in range(0, len(order), EMBED_BATCH):
        report(Step("embedding", start, len(order)))
        rows = order[start : start + EMBED_BATCH]
        dense[rows] = embedder.embed_documents([texts[row] for row in rows])
    report(Step("embedding", len(order), len(order)))
    return dense

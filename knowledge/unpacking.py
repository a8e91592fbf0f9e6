"""The files of an archive become documents of their own; every other file is one document."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from knowledge.file_bytes import read_bytes
from knowledge.found_files import IN_ARCHIVE, printable, source_of
from knowledge.ingestion.archives import Member, members
from knowledge.ingestion.sniffing import Kind, kind_of
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.intake import Submitted, submit_file
from knowledge.models import Document, DocumentStatus
from knowledge.models.collection import DEFAULT_COLLECTION

# What every ZIP file begins with, Office files and books too.
PACKED = b"PK"
NESTED = (
    "This is an archive inside an archive, which is not opened. Unpack it and pack its files "
    "directly."
)


@dataclass(frozen=True)
class Piece:
    """What becomes one document: a file of its own, or one that lies in an archive.

    `shown` is the name for people, `source` the place on this machine, empty for an upload.
    """

    name: str
    content: bytes | Path
    shown: str
    path: str | None
    source: str
    problem: str = ""
    member: str = ""
    archive: str = ""


def pieces(name: str, content: bytes | Path, path: str | None = None) -> Iterator[Piece]:
    """Yield what a file holds, one at a time; an archive that cannot be opened is one failure."""
    source = source_of(content) if path and isinstance(content, Path) else ""
    whole = Piece(name, content, name, path, source)
    data = _archive_bytes(name, content)
    if data is None:
        yield whole
        return
    archive = path or printable(name)
    try:
        for member in members(data, settings.UPLOAD_MAX_BYTES):
            inside = f"{IN_ARCHIVE}{member.path}"
            yield Piece(
                name=member.name,
                content=member.content,
                shown=f"{name}{inside}",
                path=f"{archive}{inside}",
                source=f"{source}{inside}" if source else "",
                problem=_problem(member),
                member=member.path,
                archive=archive,
            )
    except DocumentUnreadable as error:
        yield Piece(name, content, name, path, source, problem=str(error))


def submit_piece(
    piece: Piece, *, collection: str = DEFAULT_COLLECTION, **options: Any
) -> Submitted:
    """Register a piece with the options of `submit_file`. Raises PublishedAlready."""
    submitted = submit_file(
        name=piece.name,
        content=piece.content,
        path=piece.path,
        collection=collection,
        source=piece.source,
        problem=piece.problem,
        member=piece.member,
        **options,
    )
    if piece.archive:
        # A row that said that the archive cannot be opened is no longer true.
        failed = Document.objects.filter(collection__slug=collection, path=piece.archive)
        failed.filter(status=DocumentStatus.FAILED, versions=None).delete()
    return submitted


def _archive_bytes(name: str, content: bytes | Path) -> bytes | None:
    """Return the bytes of an archive of documents; None for every other file."""
    try:
        with content.open("rb") if isinstance(content, Path) else io.BytesIO(content) as file:
            packed = file.read(len(PACKED)) == PACKED
    except OSError:
        return None
    problem, data = read_bytes(name, content) if packed else ("", b"")
    is_archive = packed and not problem and kind_of(name, data) is Kind.ARCHIVE
    return data if is_archive else None


def _problem(member: Member) -> str:
    if member.problem:
        return member.problem
    try:
        return NESTED if kind_of(member.name, member.content) is Kind.ARCHIVE else ""
    except DocumentUnreadable as error:
        return str(error)

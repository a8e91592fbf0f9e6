"""The way in for documents: validate, store the bytes, register the version, ring the worker."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from knowledge.actions.defaults import ensure_audiences, ensure_collection
from knowledge.ingestion.sniffing import kind_of
from knowledge.ingestion.values import PIPELINE_VERSION, DocumentUnreadable, readable_name
from knowledge.models import Audience, Collection, Document, DocumentStatus, DocumentVersion
from knowledge.models.collection import DEFAULT_COLLECTION

logger = logging.getLogger(__name__)
IGNORED_FOLDERS = {"__pycache__", "node_modules"}


@dataclass(frozen=True)
class Submitted:
    """A registered document; `unchanged` means that there is nothing to do."""

    document: Document
    unchanged: bool


@dataclass(frozen=True)
class FoundFile:
    """A file below a given path, and the path under which it is known."""

    file: Path
    path: str


def submit_file(
    *,
    name: str,
    content: bytes | Path,
    collection: str = DEFAULT_COLLECTION,
    audiences: Sequence[str] | None = None,
    path: str | None = None,
    title: str = "",
    url: str = "",
) -> Submitted:
    """Register a file and ring the worker. The same content again is unchanged.

    A file that cannot be used is registered too, as failed with the reason, so that nobody has to
    wonder where it went. Raises DocumentUnreadable when even that makes no sense (no such file).
    """
    known_as = path or name
    problem, data = _read(name, content)
    with transaction.atomic():
        document = _document(known_as, name, collection, audiences, url)
        if problem:
            _fail(document, problem)
            return Submitted(document, unchanged=False)
        if _same_as_current(document, data, title):
            return Submitted(document, unchanged=True)
        _new_version(document, name, data, title)
        transaction.on_commit(lambda: ring(document), robust=True)
    return Submitted(document, unchanged=False)


def ring(document: Document) -> None:
    """Tell a worker that there is something to do. A lost ring is repaired by the sweeper."""
    from knowledge.tasks import ingest_document  # noqa: PLC0415 - tasks import this module's rows

    try:
        ingest_document.apply_async(args=(str(document.pk),), retry=False)
    except Exception as error:
        logger.warning("document.ring_failed", extra={"error": type(error).__name__})


def find_files(paths: Iterable[Path]) -> tuple[list[FoundFile], list[tuple[str, str]]]:
    """Return the regular files below the paths, and (path, reason) for what cannot be used."""
    found: list[FoundFile] = []
    problems: list[tuple[str, str]] = []
    for given in paths:
        root = given.expanduser().absolute()
        if root.is_file():
            found.append(FoundFile(root, root.name))
        elif root.is_dir():
            below = [_found(file, root) for file in sorted(root.rglob("*")) if _wanted(file, root)]
            found.extend(below)
            if not below:
                problems.append((str(given), "The folder holds no files. Name one that does."))
        else:
            problems.append((str(given), "There is no such file or folder. Check the path."))
    return found, problems


def _found(file: Path, root: Path) -> FoundFile:
    return FoundFile(file, str(Path(root.name) / file.relative_to(root)))


def _wanted(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    hidden = any(part.startswith(".") or part in IGNORED_FOLDERS for part in parts)
    return file.is_file() and not hidden


def _read(name: str, content: bytes | Path) -> tuple[str, bytes]:
    """Return the problem (empty when there is none) and the bytes."""
    limit = settings.UPLOAD_MAX_BYTES
    try:
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        if size > limit:
            megabytes = limit // (1024 * 1024)
            return (
                f"The file is larger than {megabytes} MB. Split it, or raise UPLOAD_MAX_MEGABYTES.",
                b"",
            )
        data = content.read_bytes() if isinstance(content, Path) else content
    except OSError as error:
        return f"The file cannot be read ({error.strerror}). Check its permissions.", b""
    try:
        kind_of(name, data)
    except DocumentUnreadable as error:
        return str(error), b""
    return "", data


def _document(
    known_as: str, name: str, collection: str, audiences: Sequence[str] | None, url: str
) -> Document:
    home: Collection = ensure_collection(collection)
    document, made = Document.objects.select_for_update().get_or_create(
        collection=home,
        path=known_as[:1000],
        defaults={"title": readable_name(name), "url": url},
    )
    wanted: Iterable[Audience] | None = None
    if audiences is not None:
        wanted = ensure_audiences(list(audiences))
    elif made:
        wanted = home.audiences.all()
    if wanted is not None and set(wanted) != set(document.audiences.all()):
        document.audiences.set(wanted)
        if not made:
            _tell_index(document)
    return document


def _tell_index(document: Document) -> None:
    from knowledge.actions.documents import push_audiences  # noqa: PLC0415 - actions ring us

    transaction.on_commit(lambda: push_audiences(document), robust=True)


def _fail(document: Document, problem: str) -> None:
    Document.objects.filter(pk=document.pk).update(status=DocumentStatus.FAILED, error=problem)
    document.refresh_from_db()


def fingerprint(content_hash: str, title: str) -> str:
    """Return what decides whether a version has to be made again."""
    parts = [
        content_hash,
        title,
        PIPELINE_VERSION,
        settings.PROVIDERS["embeddings"]["OPTIONS"]["model"],
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _same_as_current(document: Document, data: bytes, title: str) -> bool:
    """Say whether the newest version was made of this and is served, or is on its way."""
    wanted = fingerprint(hashlib.sha256(data).hexdigest(), title)
    newest = document.versions.order_by("-number").first()
    if newest is None or newest.fingerprint != wanted:
        return False
    return document.status == DocumentStatus.INDEXED and newest.pk == document.current_version_id


def _new_version(document: Document, name: str, data: bytes, title: str) -> None:
    content_hash = hashlib.sha256(data).hexdigest()
    newest = document.versions.order_by("-number").first()
    values: dict[str, Any] = {
        "content_hash": content_hash,
        "stored_name": store_bytes(content_hash, data),
        "size_bytes": len(data),
        "fingerprint": fingerprint(content_hash, title),
        "source_name": name[:300],
        "given_title": title[:500],
    }
    # The same content still waiting or failed before: the same version is tried again.
    if newest is None or newest.fingerprint != values["fingerprint"]:
        number = (newest.number if newest else 0) + 1
        DocumentVersion.objects.create(document=document, number=number, **values)
    Document.objects.filter(pk=document.pk).update(
        status=DocumentStatus.QUEUED, error="", progress_done=0, progress_total=0, lease_until=None
    )
    document.refresh_from_db()


def store_bytes(content_hash: str, data: bytes) -> str:
    """Write the bytes under their hash, durably; return the name below MEDIA_ROOT."""
    name = f"documents/{content_hash[:2]}/{content_hash}"
    target = Path(settings.MEDIA_ROOT) / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(f".{os.getpid()}.part")
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    return name

"""The way in for documents: validate, store the bytes, register the version, ring the worker."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from celery import current_app
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from knowledge.actions.defaults import ensure_collection
from knowledge.actions.documents import queue
from knowledge.actions.readers import change_audiences
from knowledge.file_bytes import read_bytes, store_bytes
from knowledge.found_files import MAX_PATH, is_there, printable, source_of
from knowledge.ingestion.values import PIPELINE_VERSION, readable_name
from knowledge.models import (
    Collection,
    Document,
    DocumentStatus,
    DocumentVersion,
    IndexGeneration,
)
from knowledge.models.collection import DEFAULT_COLLECTION
from knowledge.models.document import WORKING_STATUSES

logger = logging.getLogger(__name__)
IN_HAND = (DocumentStatus.QUEUED, *WORKING_STATUSES)
# Nothing is gained by reading the same content again: somebody has it, or is asked to decide.
LEFT_ALONE = (*IN_HAND, DocumentStatus.HELD)


@dataclass(frozen=True)
class Submitted:
    """A registered document; `unchanged` means that there is nothing to do.

    `chunks` is how many an unchanged one has, where that is known already.
    `member` is the file's path in the archive that it came in, empty for a file of its own.
    """

    document: Document
    unchanged: bool
    chunks: int | None = None
    member: str = ""


class PublishedAlready(Exception):
    """A new version would answer customers at once, and was not to. The text is for operators."""

    def __init__(self) -> None:
        super().__init__(
            "A document of this name is published, so this version would answer as soon as it is "
            "ready. Unpublish that document first, or publish this file at once."
        )


def submit_file(
    *,
    name: str,
    content: bytes | Path,
    collection: str = DEFAULT_COLLECTION,
    audiences: Sequence[str] | None = None,
    path: str | None = None,
    title: str = "",
    url: str = "",
    bring_back: bool = True,
    published: bool = True,
    owner_id: int | None = None,
    source: str | None = None,
    problem: str = "",
    member: str = "",
    updated_on: date | None = None,
) -> Submitted:
    """Register a file and ring the worker. The same content again is unchanged.

    A file that cannot be used is registered too, as failed with the reason, so that nobody has to
    wonder where it went. `bring_back=False` leaves a withdrawn document as it is. `published` and
    `owner_id` are for a new document; one that is known keeps its own. Raises PublishedAlready for
    a file that is not to be published while the document that it belongs to is. `source`, a known
    `problem` and `member` are given for a file that lies in an archive. `updated_on` is the day of
    its last change, where something else than the file tells it.
    """
    name = printable(name)
    if source is None:
        # A file without a path of its own is an upload, in a place that means nothing later.
        source = source_of(content) if path and isinstance(content, Path) else ""
    data = b""
    if not problem:
        problem, data = read_bytes(name, content)
    with transaction.atomic():
        home = ensure_collection(collection)
        known_as = known_path(home, (path or name)[:MAX_PATH], source)
        first = {"url": url, "source": source, "published": published, "owner_id": owner_id}
        document, made = _document(home, known_as, name, first)
        if document.published and not published:
            raise PublishedAlready
        if document.status == DocumentStatus.WITHDRAWN and not bring_back:
            return Submitted(document, unchanged=True, member=member)
        _let_read(document, audiences)
        problem = problem or _take(document, name, data, title, updated_on, made=made)
        if problem:
            _fail(document, problem)
        if problem or not made:
            document.refresh_from_db()
        if document.status == DocumentStatus.QUEUED:
            transaction.on_commit(lambda: ring(document), robust=True)
    unchanged = document.status == DocumentStatus.INDEXED
    return Submitted(document, unchanged=unchanged, member=member)


def ring(document: Document) -> None:
    """Tell a worker that there is something to do. A lost ring is repaired by the sweeper."""
    _ring("knowledge.tasks.ingest_document", str(document.pk))


def ring_for_generation(generation: IndexGeneration) -> None:
    """Tell a worker to go on with a generation of the index."""
    _ring("knowledge.tasks.build_generation", generation.pk)


def ring_for_sentences(index_id: int) -> None:
    """Tell a worker to go on with a collection's second index."""
    _ring("knowledge.tasks.fill_sentences", index_id)


def ring_for_comparison(generation: IndexGeneration) -> None:
    """Tell a worker to compare a generation with the one in use."""
    _ring("knowledge.tasks.compare_generation", generation.pk)


def ring_for_points(document: Document, generation: IndexGeneration) -> None:
    """Tell a worker to write a document's points into a generation's index again."""
    _ring("knowledge.tasks.write_points_again", str(document.pk), generation.pk)


def ring_for_source(source_id: int) -> None:
    """Tell a worker that a source is due."""
    _ring("knowledge.tasks.run_source", source_id)


def ring_to_compare(document: Document) -> None:
    """Tell a worker to hold a ready document against the others."""
    _ring("knowledge.tasks.compare_document", str(document.pk))


def ring_for_life(expires_seconds: float) -> None:
    """Ask whoever consumes the queue for a sign of life."""
    _ring("knowledge.tasks.show_life", expires_seconds=expires_seconds)


def _ring(task: str, *arguments: object, expires_seconds: float | None = None) -> None:
    # By name, since the tasks themselves ring again.
    try:
        current_app.send_task(task, args=arguments, retry=False, expires=expires_seconds)
    except Exception as error:
        logger.warning("knowledge.ring_failed", extra={"error": type(error).__name__})


def known_path(home: Collection, wanted: str, source: str) -> str:
    """Return the path under which a file is, or will be, known in its collection.

    1. The same file is the same document, whichever folder was given.
    2. A path is free, or its file was moved here: it is taken.
    3. Another file of that name is known: folders are put in front until the path is free.
    """
    documents = Document.objects.filter(collection=home)
    if not source:
        return wanted
    same = documents.filter(source=source).values_list("path", flat=True).first()
    if same is not None:
        return same
    parts = Path(source).parts[1:]
    lengths = range(len(Path(wanted).parts) + 1, len(parts) + 1)
    for path in (wanted, *("/".join(parts[-length:]) for length in lengths)):
        taken = documents.filter(path=path).exclude(source="").first()
        if taken is None or not is_there(taken.source):
            return path
    return source


def _document(
    home: Collection, known_as: str, name: str, first: dict[str, Any]
) -> tuple[Document, bool]:
    """Return the document of this path, and whether it is a new one: made to wait in the queue."""
    document, made = Document.objects.select_for_update().get_or_create(
        collection=home, path=known_as, defaults={"title": readable_name(name), **first}
    )
    source = first["source"]
    if made:
        document.audiences.add(*home.audiences.all())
    elif source and document.source != source:
        document.source = source
        document.save(update_fields=["source"])
    return document, made


def _let_read(document: Document, audiences: Sequence[str] | None) -> None:
    """Give the document these readers; None leaves those it has."""
    if audiences is None:
        return
    if set(audiences) != set(document.audiences.values_list("slug", flat=True)):
        change_audiences(document, audiences)


def _fail(document: Document, problem: str) -> None:
    """Record why; the version that is served stays served, and nobody works on another."""
    Document.objects.filter(pk=document.pk).update(
        status=DocumentStatus.FAILED,
        error=problem,
        attempt=F("attempt") + 1,
        lease_until=None,
        updated_at=timezone.now(),
    )


def fingerprint(content_hash: str, title: str) -> str:
    """Return what decides whether a version has to be made again."""
    # Not the model: another one is another generation of the index, of the same versions.
    parts = [content_hash, title, PIPELINE_VERSION]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _take(
    document: Document,
    name: str,
    data: bytes,
    title: str,
    updated_on: date | None,
    *,
    made: bool,
) -> str:
    """Keep the bytes as the newest version, unless they are it; return the problem, if any.

    A document that was just `made` has no other, and waits in the queue already.
    """
    content_hash = hashlib.sha256(data).hexdigest()
    made_of = fingerprint(content_hash, title)
    newest = None if made else document.versions.order_by("-number").first()
    if newest is not None and newest.fingerprint == made_of:
        ready = document.status == DocumentStatus.INDEXED
        if (ready and newest.pk == document.current_version_id) or document.status in LEFT_ALONE:
            return ""
    try:
        stored_name = store_bytes(content_hash, data)
    except OSError as error:
        return f"The file could not be stored ({error.strerror}). Free some space and try again."
    # The same content that failed before: the same version is tried again.
    if newest is None or newest.fingerprint != made_of:
        DocumentVersion.objects.create(
            document=document,
            number=(newest.number if newest else 0) + 1,
            content_hash=content_hash,
            stored_name=stored_name,
            size_bytes=len(data),
            fingerprint=made_of,
            source_name=name[:300],
            # An operator's title stays, whatever the file says now.
            given_title=(title or (document.title if document.title_edited else ""))[:500],
            updated_on=updated_on,
        )
    if not made:
        queue(document)
    return ""

"""One source from claimed to read: what the Celery task and the command both do."""

from __future__ import annotations

import logging
from pathlib import Path

from django.utils import timezone

from knowledge.actions.documents import withdraw
from knowledge.actions.indexing import TakenOver
from knowledge.actions.pruning import withdraw_missing
from knowledge.actions.source_pages import known_pages, take_page
from knowledge.actions.source_runs import LEASE_SECONDS, RunRecord, RunStopped
from knowledge.actions.sources import begin_run, finish_run, give_back, readers_of
from knowledge.folders import folder_problem
from knowledge.found_files import find_files, source_of
from knowledge.models import Document, DocumentStatus, Source, SourceKind, SourceRun
from knowledge.source_plans import plan_of
from knowledge.sources.crawling import Reading
from knowledge.sources.values import SourceUnreadable
from knowledge.unpacking import Piece, pieces, submit_piece
from knowledge.wiring import web_fetcher
from providers.errors import ProviderError

logger = logging.getLogger(__name__)


def run_source(source_id: int) -> SourceRun | None:
    """Claim a due source and read it; None when there was nothing to claim."""
    source = Source.objects.claim(source_id, timezone.now(), LEASE_SECONDS)
    if source is None:
        return None
    run = begin_run(source)
    record = RunRecord(source, run)
    error = ""
    try:
        _read(source, record)
    except (TakenOver, RunStopped) as ended:
        logger.info("source.ended", extra={"source": source.pk, "why": type(ended).__name__})
        give_back(source)
        return run
    except (SourceUnreadable, ProviderError) as problem:
        error = str(problem)
    except Exception as problem:
        logger.exception("source.failed", extra={"source": source.pk})
        error = f"Something went wrong on our side ({type(problem).__name__}). Press Run now."
    except BaseException:
        # Ctrl-C: the next one need not wait for the lease to run out.
        give_back(source)
        raise
    finish_run(source, record.filled(), error)
    return run


def _read(source: Source, record: RunRecord) -> None:
    record.beat()
    if source.kind == SourceKind.FOLDER:
        _read_folder(source, record)
    else:
        _read_web(source, record)


def _read_web(source: Source, record: RunRecord) -> None:
    fetcher = web_fetcher()
    reading = Reading(plan_of(source), fetcher, known_pages(source), record.pause)
    try:
        for visited in reading.visits():
            record.beat()
            record.require_held()
            take_page(source, visited, record)
    finally:
        fetcher.close()
        for remark in reading.remarks:
            record.remark(remark)


def _read_folder(source: Source, record: RunRecord) -> None:
    folder = Path(source.location)
    if problem := folder_problem(folder):
        raise SourceUnreadable(problem)
    files, problems = find_files([folder])
    if not files:
        # An unmounted disk looks like this; nothing is withdrawn for it.
        raise SourceUnreadable(
            "The folder holds no files that can be read, so nothing was changed. Check whether "
            "its disk is there."
        )
    in_archives: list[str] = []
    for found in files:
        for piece in pieces(found.file.name, found.file, found.path):
            record.beat()
            _take_file(source, piece, record)
            in_archives += [piece.source] if piece.member else []
    for path, reason in problems:
        record.add("failed", path, reason)
    record.require_held()
    for document in withdraw_missing([folder], files, source.collection.slug, in_archives):
        _let_go(document)
        record.add("withdrawn", document.path, "The file is gone.")
    # The source's folder may have been changed.
    inside = source_of(folder).rstrip("/") + "/"
    served = source.documents.exclude(status=DocumentStatus.WITHDRAWN)
    for document in served.exclude(source__startswith=inside):
        withdraw(document)
        _let_go(document)
        record.add("withdrawn", document.path, "It is no longer part of this source.")


def _let_go(document: Document) -> None:
    """Part from a withdrawn document, so that it comes back when its file does.

    One that an operator took out keeps its source, and stays out.
    """
    Document.objects.filter(pk=document.pk).update(from_source=None)


def _take_file(source: Source, piece: Piece, record: RunRecord) -> None:
    same_file = Document.objects.filter(source=piece.source)
    known = same_file.filter(collection=source.collection).first()
    versions = known.versions.count() if known else 0
    submitted = submit_piece(
        piece,
        collection=source.collection.slug,
        audiences=None if known else readers_of(source),
        # What an operator took out stays out.
        bring_back=known is None or known.from_source_id != source.pk,
    )
    document = submitted.document
    Document.objects.filter(pk=document.pk).update(from_source=source)
    if document.status == DocumentStatus.FAILED:
        record.add("failed", document.path, document.error)
    elif known is None:
        record.add("added", document.path)
    elif document.versions.count() > versions:
        record.add("changed", document.path)
    else:
        record.add("unchanged", document.path)

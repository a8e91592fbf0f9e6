"""Many documents made ready one after the other, and written several at a time.

Each is claimed, read and embedded by itself. What then costs by the write and not by its size (the
flush of the index, the transaction, a dozen questions) is done once for several small ones.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from knowledge.actions.committing import Work
from knowledge.actions.documents import mark_stage, requeue
from knowledge.actions.indexing import Report, index_document, index_together
from knowledge.actions.sentences import is_kept
from knowledge.ingestion.values import Step
from knowledge.models import Document, IndexGeneration
from knowledge.working import answering_for, claim, read_in, shown

logger = logging.getLogger(__name__)
# Nobody waits noticeably longer for a document that is ready but for this.
MOST_SECONDS = 2.0
MOST_CHUNKS = 64
MOST_DOCUMENTS = 16


@contextmanager
def gathering() -> Iterator[Gathering]:
    """Return what documents are given to; in the end all of them are ready, held or failed."""
    gathered = Gathering()
    try:
        yield gathered
        gathered.finish()
    except BaseException:
        gathered.give_back()
        raise


class Gathering:
    """Documents that are read and embedded, and wait for a moment to be written together."""

    def __init__(self) -> None:
        self._waiting: list[Work] = []
        self._generation: IndexGeneration | None = None
        self._since = 0.0
        self._kept: dict[tuple[int, int], bool] = {}
        self._failure: Exception | None = None

    def work_on(self, document_id: uuid.UUID) -> None:
        """Claim a document and read it; it, or those before it, may be written now or later."""
        document = claim(document_id)
        if document is None:
            return
        if document.losses:
            # If it ends this worker again, it is to take no others with it.
            self._write()
        with answering_for(document):
            report = shown(document)
            read = read_in(document, self._writing_meanwhile(report))
            if read is not None:
                self._take(*read, report, alone=bool(document.losses))
        self._tell_failure()

    def finish(self) -> None:
        """Write what waits."""
        self._write()
        self._tell_failure()

    def give_back(self) -> None:
        """Let others have what waits."""
        for work in self._waiting:
            requeue(work.document)
        self._waiting = []

    def _take(
        self, work: Work, generation: IndexGeneration, report: Report, *, alone: bool
    ) -> None:
        number = len(work.prepared.chunks)
        if alone or number > MOST_CHUNKS or self._has_sentences(work.document, generation):
            index_document(work, generation, report)
            return
        if self._generation != generation or self._chunks() + number > MOST_CHUNKS:
            self._write()
        if not self._waiting:
            self._generation, self._since = generation, time.monotonic()
        self._waiting.append(work)
        if self._due():
            self._write()

    def _has_sentences(self, document: Document, generation: IndexGeneration) -> bool:
        # One whose collection keeps them from this moment on gets them when the others do.
        if not self._waiting:
            self._kept = {}
        place = (generation.pk, document.collection_id)
        if place not in self._kept:
            self._kept[place] = is_kept(generation, document.collection)
        return self._kept[place]

    def _chunks(self) -> int:
        return sum(len(work.prepared.chunks) for work in self._waiting)

    def _due(self) -> bool:
        old = bool(self._waiting) and time.monotonic() - self._since >= MOST_SECONDS
        return old or len(self._waiting) >= MOST_DOCUMENTS

    def _writing_meanwhile(self, report: Report) -> Report:
        """Return a report that does not let the others wait for a long document."""

        def reported(step: Step) -> None:
            report(step)
            if self._due():
                self._write()

        return reported

    def _write(self) -> None:
        works, generation = self._waiting, self._generation
        if not works or generation is None:
            return
        try:
            mark_stage([work.document for work in works], Step("indexing"))
            works = index_together(works, generation)
        except Exception as error:
            # By itself each gets the sentence that is right for it.
            logger.info("documents.one_by_one", extra={"error": type(error).__name__})
        for number, work in enumerate(works):
            # What is left in the list is given back if this ends.
            self._waiting = works[number:]
            self._write_one(work, generation)
        self._waiting = []

    def _write_one(self, work: Work, generation: IndexGeneration) -> None:
        try:
            with answering_for(work.document):
                index_document(work, generation, shown(work.document))
        except Exception as error:
            # Told later: the document that is being read has no part in it.
            self._failure = self._failure or error

    def _tell_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

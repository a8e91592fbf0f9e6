"""The second index of a collection from its first foreign question to ready, slice by slice."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.utils import timezone

from knowledge.actions.documents import LEASE_SECONDS
from knowledge.actions.sentences import (
    SentencesTakenOver,
    fill_one,
    give_back,
    is_kept,
    mark_filled,
    mark_progress,
    mark_sentences_failed,
    missing_sentences,
)
from knowledge.building import SLICE_SECONDS
from knowledge.ingestion.process import PreparationStopped
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.models import IndexGeneration, SentenceIndex
from providers.errors import ProviderError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FillingState:
    """How far a collection's second index is, in words as `str`."""

    collection: str
    ready: bool
    done: int
    total: int
    error: str

    def __str__(self) -> str:
        if self.error:
            return f"{self.collection}: {self.error}"
        if self.ready:
            return f"{self.collection}: ready"
        return f"{self.collection}: being prepared, {self.done} of {self.total} documents"


def states_of(generation: IndexGeneration) -> list[FillingState]:
    """Return the state of each collection that is asked in other languages."""
    rows = SentenceIndex.objects.filter(generation=generation).select_related("collection")
    return [
        FillingState(
            row.collection.slug,
            row.ready_at is not None,
            row.progress_done,
            row.progress_total,
            row.error,
        )
        for row in rows
    ]


def fill_for(index_id: int, seconds: float = SLICE_SECONDS) -> bool:
    """Work on an index for so long; say whether there is more to do and it may go on."""
    index = SentenceIndex.objects.claim(index_id, timezone.now(), LEASE_SECONDS)
    if index is None:
        return False
    try:
        if not is_kept(index.generation, index.collection):
            give_back(index)
            return False
        return _slice(index, time.monotonic() + seconds)
    except SentencesTakenOver:
        logger.info("sentences.taken_over", extra={"index": index.pk})
    except PreparationStopped:
        give_back(index)
    except (DocumentUnreadable, ProviderError) as error:
        mark_sentences_failed(index, str(error))
    except Exception as error:
        logger.exception("sentences.failed", extra={"index": index.pk})
        mark_sentences_failed(index, f"Something went wrong on our side ({type(error).__name__}).")
        raise
    except BaseException:
        give_back(index)
        raise
    return False


def _slice(index: SentenceIndex, deadline: float) -> bool:
    while True:
        document = missing_sentences(index).order_by("created_at").first()
        mark_progress(index)
        if document is None:
            mark_filled(index)
            return False
        if time.monotonic() >= deadline:
            give_back(index)
            return True
        fill_one(index, document)

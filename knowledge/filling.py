"""The second index of a collection from its first foreign question to ready, slice by slice."""

from __future__ import annotations

import logging
import time

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
from knowledge.models import SentenceIndex
from providers.errors import ProviderError

logger = logging.getLogger(__name__)


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

"""A generation of the index from begun to complete, a slice of time after the other.

The slices let documents that arrive meanwhile have their turn in the same queue.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from knowledge.actions.documents import LEASE_SECONDS
from knowledge.actions.generations import (
    GenerationRefused,
    fill_one,
    give_back,
    mark_generation_failed,
    mark_progress,
    mark_ready,
    missing_documents,
    prolong,
    put_into_use,
)
from knowledge.actions.indexing import TakenOver
from knowledge.golden import compare, is_worse
from knowledge.ingestion.limits import HEARTBEAT_SECONDS
from knowledge.ingestion.process import PreparationStopped
from knowledge.ingestion.values import DocumentUnreadable
from knowledge.models import Activation, IndexGeneration
from knowledge.sparing import sparing
from knowledge.wiring import embedder
from providers.errors import ProviderError

logger = logging.getLogger(__name__)
SLICE_SECONDS = 10.0


def build_for(generation_id: int, seconds: float = SLICE_SECONDS) -> IndexGeneration | None:
    """Work on a generation for so long; return it, or None when somebody else has it.

    When it is complete it is compared with the one in use, and put into use if that was wanted
    and it is not worse.
    """
    generation = IndexGeneration.objects.claim(generation_id, timezone.now(), LEASE_SECONDS)
    if generation is None:
        return None
    try:
        _slice(generation, time.monotonic() + seconds)
    except TakenOver:
        logger.info("generation.taken_over", extra={"generation": generation.number})
    except PreparationStopped:
        give_back(generation)
    except (DocumentUnreadable, ProviderError) as error:
        mark_generation_failed(generation, str(error))
    except Exception as error:
        logger.exception("generation.failed", extra={"generation": generation.number})
        reason = f"Something went wrong on our side ({type(error).__name__}). Press Continue."
        mark_generation_failed(generation, reason)
        raise
    except BaseException:
        give_back(generation)
        raise
    # It may have been dropped meanwhile.
    return IndexGeneration.objects.filter(pk=generation.pk).first()


def compare_again(generation_id: int) -> None:
    """Compare a generation with the one in use once more: questions were added, or a swap came."""
    generation = IndexGeneration.objects.filter(pk=generation_id).first()
    if generation is not None:
        rows = IndexGeneration.objects.filter(pk=generation_id)
        rows.update(comparison=compare(generation))


def _slice(generation: IndexGeneration, deadline: float) -> None:
    show_progress = sparing(mark_progress)
    while time.monotonic() < deadline:
        document = missing_documents(generation).order_by("created_at").first()
        if document is None:
            _complete(generation)
            return
        try:
            fill_one(generation, document)
        except DocumentUnreadable as error:
            raise DocumentUnreadable(
                f"{document.title} could not be read: {error} Mend or withdraw it, then press "
                "Continue."
            ) from error
        show_progress(generation)
    mark_progress(generation)
    give_back(generation)


def _complete(generation: IndexGeneration) -> None:
    mark_progress(generation)
    with _kept(generation):
        # Customers' first question must not wait for the new model to load.
        embedder(generation.embedding_model).warm_up()
        comparison = compare(generation)
    try:
        # One step, so that nobody sees one that comes into use by itself complete and unused.
        with transaction.atomic():
            if not mark_ready(generation, comparison):
                give_back(generation)
                return
            generation.refresh_from_db()
            if _comes_into_use(generation):
                put_into_use(generation)
    except GenerationRefused:
        # A document came in between: it is added, and this is tried again.
        give_back(generation)


@contextmanager
def _kept(generation: IndexGeneration) -> Iterator[None]:
    """Prolong the lease meanwhile: a model loads, or questions are asked, without a word."""
    ended = threading.Event()

    def keep() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                prolong(generation)
            except TakenOver:
                return
            except DatabaseError as error:
                logger.warning("generation.no_heartbeat", extra={"error": type(error).__name__})
            finally:
                connection.close()

    thread = threading.Thread(target=keep, name="generation-heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _comes_into_use(generation: IndexGeneration) -> bool:
    match generation.activation:
        case Activation.ALWAYS:
            return True
        case Activation.UNLESS_WORSE:
            return not is_worse(generation.comparison)
        case _:
            return False

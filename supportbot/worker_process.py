"""What every Celery worker does: carry traces over, and in the server profile start and end well.

Celery imports this module in its workers (CELERY_IMPORTS); a process that only rings imports it
through the same setting when it first looks at its tasks.
"""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutting_down

from conversations import wiring as conversation_wiring
from conversations.running import cancel_all
from knowledge import wiring
from knowledge.actions.source_runs import stopping as sources_stopping
from knowledge.index_model import log_misfits
from knowledge.working import preparation
from observability.tracing import start_trace
from providers.errors import ProviderError
from supportbot.celery import TRACE_HEADER

# Answers that are nearly there get this long to finish when a worker process is told to end.
GRACE_SECONDS = 10.0
logger = logging.getLogger(__name__)


@task_prerun.connect
def go_on_with_trace(task: Any = None, **_: Any) -> None:
    """Give the task the trace of the request that rang for it, or one of its own."""
    start_trace(str(getattr(task.request, TRACE_HEADER, "") or ""))


@task_postrun.connect
def forget_trace(**_: Any) -> None:
    """Leave nothing for the next task in this thread."""
    start_trace()


@worker_ready.connect
def warm_up(**_: Any) -> None:
    """Load the embedding model before the first question, in a worker process of its own."""
    threading.Thread(target=_load, name="warm-up", daemon=True).start()


@worker_shutting_down.connect
def give_up_streams(**_: Any) -> None:
    """Cancel what still streams after a moment; leases are given back, others take over."""
    timer = threading.Timer(GRACE_SECONDS, cancel_all)
    timer.daemon = True
    timer.start()
    preparation().stop()
    sources_stopping.set()


def _load() -> None:
    try:
        wiring.embedder().warm_up()
        wiring.reranker()
        conversation_wiring.warm_up()
        log_misfits()
    except ProviderError as error:
        logger.error("worker.warm_up_failed", extra={"error": type(error).__name__})

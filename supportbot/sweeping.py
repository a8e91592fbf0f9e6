"""Repairs what a lost ring or a dead worker left behind, about once a second.

A thread of the embedded server, a process of its own (`manage.py sweep`) in the server profile. It
is no periodic task, because it has to work while the broker is down.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import connection

from conversations.sweeping import sweep_files, sweep_handoffs, sweep_once, sweep_places
from knowledge.sweeping import (
    sweep_comparisons,
    sweep_documents,
    sweep_generations,
    sweep_sentences,
    sweep_slowly,
    sweep_sources,
)

SWEEPS: tuple[Callable[[], int], ...] = (
    sweep_once,
    sweep_handoffs,
    sweep_places,
    sweep_files,
    sweep_documents,
    sweep_generations,
    sweep_sentences,
    sweep_sources,
    sweep_slowly,
    sweep_comparisons,
)
INTERVAL_SECONDS = 1.0
logger = logging.getLogger(__name__)


def sweep_until(stopping: threading.Event) -> None:
    """Sweep about once a second until told to stop; a failing database is tried again."""
    while not stopping.wait(INTERVAL_SECONDS):
        for sweep in SWEEPS:
            try:
                sweep()
            except Exception as error:
                logger.exception(
                    "sweep.failed", extra={"sweep": sweep.__name__, "error": type(error).__name__}
                )
                # The next round gets a fresh connection.
                connection.close()
    connection.close()

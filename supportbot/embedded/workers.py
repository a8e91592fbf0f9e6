"""Celery's worker and beat in threads of the serving process."""

from __future__ import annotations

import threading
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.exceptions import WorkerShutdown
from celery.worker import WorkController, state

from supportbot.embedded.broker import bell

# Answers wait for a model most of the time, so many run at once.
ANSWERS_AT_ONCE = 128
# Documents are prepared one after the other in a child process: a second thread would only wait.
INGESTIONS_AT_ONCE = 1
# Sources wait for other servers most of the time.
SOURCES_AT_ONCE = 3
QUEUES = {
    "answers": ANSWERS_AT_ONCE,
    "ingestion": INGESTIONS_AT_ONCE,
    "sources": SOURCES_AT_ONCE,
}


class QueueWorker:
    """A real Celery worker for one queue.

    Each needs its own application: which queues are consumed is kept in the application.
    """

    def __init__(self, app: Celery, queue: str, concurrency: int) -> None:
        self.queue = queue
        self._ready = threading.Event()
        self._controller = WorkController(
            app=app,
            hostname=f"{queue}@embedded",
            pool="threads",
            concurrency=concurrency,
            queues=[queue],
            without_heartbeat=True,
            without_mingle=True,
            without_gossip=True,
            ready_callback=lambda consumer: self._ready.set(),
        )
        self._thread = threading.Thread(target=self._run, name=f"worker-{queue}", daemon=True)

    def start(self) -> None:
        """Begin to consume."""
        self._thread.start()

    def consuming(self) -> bool:
        """Say whether tasks are being taken."""
        return self._ready.is_set() and self._thread.is_alive()

    def wait_ready(self, timeout_seconds: float) -> bool:
        """Wait until it consumes; False when it did not within the time."""
        return self._ready.wait(timeout_seconds)

    def join(self, timeout_seconds: float) -> bool:
        """Wait for its end; False when a task still runs."""
        self._thread.join(timeout_seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._controller.start()
        except WorkerShutdown:
            return


def tell_workers_to_stop() -> None:
    """Have every worker of this process end after its running tasks."""
    state.should_stop = 0  # type: ignore[assignment]  # an exit status, says Celery
    bell.stop()


class Beat:
    """Rings the periodic tasks; what it knows lives as long as the process."""

    def __init__(self, app: Celery) -> None:
        # A thread: Celery's types only know the process.
        self._service: Any = EmbeddedService(
            app, thread=True, scheduler_cls="celery.beat:Scheduler"
        )

    def start(self) -> None:
        """Begin to look at the schedule."""
        self._service.start()

    def stop(self) -> None:
        """Tell it to end; its thread is a daemon."""
        self._service.service.stop()

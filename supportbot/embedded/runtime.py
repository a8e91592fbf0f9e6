"""Everything of an installation in one process: workers, beat and sweeper beside the web server."""

from __future__ import annotations

import logging
import threading
import time

from django.conf import settings
from django.db import connection

from conversations import wiring as conversation_wiring
from conversations.running import cancel_all
from conversations.sweeping import void_leases
from knowledge import wiring
from knowledge.actions.source_runs import stopping as sources_stopping
from knowledge.index_model import log_misfits
from knowledge.sweeping import void_document_leases, void_source_leases
from knowledge.working import preparation
from providers.errors import ProviderError
from supportbot.celery import app, make_app
from supportbot.embedded.single_server import ServerFile, ServerLock
from supportbot.embedded.workers import QUEUES, Beat, QueueWorker, tell_workers_to_stop
from supportbot.sweeping import sweep_until

WORKER_START_SECONDS = 10.0
# Ctrl-C has to be done within 3 s; the sockets take their part of it before this.
STOP_SECONDS = 1.5
logger = logging.getLogger(__name__)


class EmbeddedRuntime:
    """Starts and stops the threads. `begin` before the server listens, `stop` when it ends."""

    def __init__(self) -> None:
        self.lock = ServerLock(settings.DATA_DIR)
        self.file = ServerFile(settings.DATA_DIR)
        self.warm = threading.Event()
        self.warming_problem = ""
        self._stopping = threading.Event()
        self._workers: list[QueueWorker] = []
        self._beat: Beat | None = None

    def begin(self, url: str) -> None:
        """Take up what the last process left, and start the threads."""
        void_leases()
        void_document_leases()
        void_source_leases()
        sources_stopping.clear()
        self.file.write(url)
        # The answers' application comes last: Celery takes the last one for its default.
        for queue in ("sources", "ingestion", "answers"):
            worker_app = app if queue == "answers" else make_app(queue)
            self._workers.append(QueueWorker(worker_app, queue, QUEUES[queue]))
        for worker in self._workers:
            worker.start()
        self._beat = Beat(app)
        self._beat.start()
        self._thread("sweeper", sweep_until, self._stopping)
        self._thread("warm-up", self._warm_up)

    def stopping(self) -> bool:
        """Say whether the process is going down."""
        return self._stopping.is_set()

    def cancel(self) -> None:
        """Stop taking work and give up what streams, so that connections can close."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        running = cancel_all()
        tell_workers_to_stop()
        preparation().stop()
        sources_stopping.set()
        logger.info("server.stopping", extra={"running": running})

    def stop(self) -> None:
        """End the threads within STOP_SECONDS and give back what they held."""
        self.cancel()
        if self._beat:
            self._beat.stop()
        deadline = time.monotonic() + STOP_SECONDS
        joined = [worker.join(max(0.0, deadline - time.monotonic())) for worker in self._workers]
        # What is still held belongs to threads that end with the process.
        void_leases()
        void_document_leases()
        void_source_leases()
        wiring.indexes().close()
        self.file.remove()
        self.lock.release()
        connection.close()
        logger.info("server.stopped", extra={"clean": all(joined)})

    def consuming(self) -> dict[str, bool]:
        """Return for each queue whether a worker takes its tasks."""
        return {worker.queue: worker.consuming() for worker in self._workers}

    def _warm_up(self) -> None:
        try:
            wiring.vector_store().count()
            wiring.embedder().warm_up()
            wiring.reranker()
            if settings.OTHER_LANGUAGES:
                wiring.classifier().warm_up()
            conversation_wiring.warm_up()
            log_misfits()
        except ProviderError as error:
            self.warming_problem = str(error)
            logger.error("server.warm_up_failed", extra={"error": str(error)})
        for worker in self._workers:
            worker.wait_ready(WORKER_START_SECONDS)
        self.warm.set()
        connection.close()

    def _thread(self, name: str, target: object, *args: object) -> None:
        threading.Thread(target=target, args=args, name=name, daemon=True).start()  # type: ignore[arg-type]


_runtime: EmbeddedRuntime | None = None


def current() -> EmbeddedRuntime | None:
    """Return this process's runtime; None outside the embedded server."""
    return _runtime


def create() -> EmbeddedRuntime:
    """Make this process the embedded server. Raises AnotherServer."""
    global _runtime
    runtime = EmbeddedRuntime()
    runtime.lock.take()
    _runtime = runtime
    return runtime

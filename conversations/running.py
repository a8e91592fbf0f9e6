"""The attempts this process works on: their leases are renewed, and they can be cancelled."""

from __future__ import annotations

import logging
import threading
import time
import uuid

from django.db import DatabaseError, connection
from django.utils import timezone

from conversations.models import Message
from conversations.streaming import StreamProgress

logger = logging.getLogger(__name__)
LEASE_SECONDS = 15.0
RENEW_SECONDS = 5.0
TICK_SECONDS = 0.5


class RunningAnswers:
    """A registry with one thread, however many answers run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[uuid.UUID, StreamProgress] = {}
        self._recorded: set[tuple[uuid.UUID, int]] = set()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def start(self, progress: StreamProgress) -> None:
        """Look after an attempt until `finish`."""
        with self._lock:
            self._running[progress.message_id] = progress
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
        if self._stopping:
            progress.cancel()

    def finish(self, progress: StreamProgress) -> None:
        """The attempt is over."""
        with self._lock:
            if self._running.get(progress.message_id) is progress:
                del self._running[progress.message_id]
            self._recorded.discard((progress.message_id, progress.attempt))

    def cancel(self, message_id: uuid.UUID) -> None:
        """Cancel the attempt at one question, if it runs here."""
        with self._lock:
            progress = self._running.get(message_id)
        if progress:
            progress.cancel()

    def cancel_conversation(self, conversation_id: uuid.UUID) -> None:
        """Cancel what runs for a conversation here."""
        for progress in self._all():
            if progress.conversation_id == conversation_id:
                progress.cancel()

    def cancel_all(self) -> int:
        """Cancel everything: the process is stopping. Returns how many ran."""
        self._stopping = True
        running = self._all()
        for progress in running:
            progress.cancel()
        return len(running)

    def stopping(self) -> bool:
        """Say whether the process is going down."""
        return self._stopping

    def so_far(self, conversation_id: uuid.UUID) -> StreamProgress | None:
        """Return the attempt that is being shown in a conversation, if it runs here."""
        shown = [p for p in self._all() if p.conversation_id == conversation_id]
        return shown[-1] if shown else None

    def _all(self) -> list[StreamProgress]:
        with self._lock:
            return list(self._running.values())

    def _run(self) -> None:
        renewed = time.monotonic()
        while True:
            time.sleep(TICK_SECONDS)
            running = self._all()
            if not running:
                connection.close()
                continue
            try:
                self._record_shown(running)
                if time.monotonic() - renewed >= RENEW_SECONDS:
                    renewed = time.monotonic()
                    self._renew(running)
                self._notice_changes(running)
            except DatabaseError as error:
                logger.warning("leases.database", extra={"error": type(error).__name__})
                connection.close()

    def _record_shown(self, running: list[StreamProgress]) -> None:
        for progress in running:
            key = (progress.message_id, progress.attempt)
            if progress.shown.is_set() and key not in self._recorded:
                self._recorded.add(key)
                rows = Message.objects.filter(pk=progress.message_id, attempt=progress.attempt)
                rows.update(shown_at=timezone.now())

    def _renew(self, running: list[StreamProgress]) -> None:
        for progress in running:
            Message.objects.renew(
                progress.message_id, progress.attempt, timezone.now(), LEASE_SECONDS
            )

    def _notice_changes(self, running: list[StreamProgress]) -> None:
        """Cancel attempts that were stopped, merged or taken over through another process."""
        ids = [progress.message_id for progress in running]
        rows = Message.objects.open_questions().filter(pk__in=ids).values_list("pk", "attempt")
        held = dict(rows)
        for progress in running:
            if held.get(progress.message_id) != progress.attempt and not progress.cancelled():
                progress.cancel()


running_answers = RunningAnswers()


def cancel_all() -> int:
    """Cancel everything that runs here, for a stopping process."""
    return running_answers.cancel_all()

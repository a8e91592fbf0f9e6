"""`manage.py sweep`: the sweeper as a process of its own, for the server profile."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from supportbot.sweeping import sweep_until


class Command(BaseCommand):
    """Repair what lost rings and dead workers leave behind, until told to stop."""

    help = "Ring again for messages and documents that wait; works while the broker is down."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep until SIGINT or SIGTERM."""
        stopping = threading.Event()
        for sig in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sig, lambda *_: stopping.set())
        sweep_until(stopping)

"""The Celery application. Which broker it rings through is a setting."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish

from observability.tracing import current_trace_id
from supportbot.embedded import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
broker.register()


# Travels with a ring, so that a worker's log lines carry the id of the request behind them.
TRACE_HEADER = "trace_id"


@before_task_publish.connect
def send_trace(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Put the current trace into the ring."""
    trace_id = current_trace_id()
    if headers is not None and trace_id:
        headers[TRACE_HEADER] = trace_id


def make_app(name: str, *, current: bool = False) -> Celery:
    """Return an application with our settings and tasks."""
    made = Celery(name, set_as_current=current)
    made.config_from_object("django.conf:settings", namespace="CELERY")
    made.autodiscover_tasks()
    return made


app = make_app("supportbot", current=True)

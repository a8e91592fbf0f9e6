"""One id for everything that happens on behalf of one request or task."""

from __future__ import annotations

import uuid
from contextvars import ContextVar

_trace_id: ContextVar[str] = ContextVar("trace_id", default="")


def start_trace() -> str:
    """Begin a trace in this context and return its id (32 hexadecimal digits)."""
    trace_id = uuid.uuid4().hex
    _trace_id.set(trace_id)
    return trace_id


def current_trace_id() -> str:
    """Return this context's trace id, empty outside of one."""
    return _trace_id.get()

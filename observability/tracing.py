"""One id for everything that happens on behalf of one request or task, and what it is about."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from contextvars import ContextVar

_trace_id: ContextVar[str] = ContextVar("trace_id", default="")
_subject: ContextVar[Mapping[str, str]] = ContextVar("subject", default={})  # noqa: B039


def start_trace(trace_id: str = "") -> str:
    """Begin a trace in this context and return its id (32 hexadecimal digits)."""
    trace_id = trace_id or uuid.uuid4().hex
    _trace_id.set(trace_id)
    _subject.set({})
    return trace_id


def current_trace_id() -> str:
    """Return this context's trace id, empty outside of one."""
    return _trace_id.get()


def bind(**ids: object) -> None:
    """Name what the trace is about: conversation, message, attempt. Ids only, never texts."""
    _subject.set({**_subject.get(), **{name: str(value) for name, value in ids.items()}})


def log_context() -> dict[str, str]:
    """Return what each log line of this context carries."""
    trace_id = _trace_id.get()
    return {**_subject.get(), **({"trace": trace_id} if trace_id else {})}

"""Log lines as JSON objects: time, level, event, and the ids of what it is about; never texts."""

from __future__ import annotations

import logging
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Literal

import structlog

from observability.redaction import mask, redact
from observability.tracing import log_context

FILE_BYTES = 10 * 1024 * 1024
FILES_KEPT = 5
# They tell each connection and each task; what matters of it we tell ourselves.
CHATTY = ("celery", "kombu", "uvicorn", "httpx", "httpx2", "openai", "asyncio", "daphne", "urllib3")
Event = MutableMapping[str, Any]


def logging_config(
    level: str,
    form: Literal["json", "text"],
    *,
    file: Path | None = None,
    for_person: bool = False,
) -> dict[str, Any]:
    """Return Django's LOGGING: standard error, and JSON lines in a file when one is given.

    With a person at standard error it only gets warnings.
    """
    handlers: dict[str, dict[str, Any]] = {
        "standard_error": {
            "class": "logging.StreamHandler",
            "formatter": "lines",
            "level": "WARNING" if for_person else level,
        }
    }
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handlers["file"] = {
            "class": "logging.handlers.RotatingFileHandler",
            "formatter": "json",
            "filename": str(file),
            "maxBytes": FILE_BYTES,
            "backupCount": FILES_KEPT,
            "encoding": "utf-8",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {"()": formatter, "form": form},
            "json": {"()": formatter, "form": "json"},
        },
        "handlers": handlers,
        "root": {"handlers": list(handlers), "level": level},
        "loggers": {
            # Django's own handlers would tell everything twice.
            "django": {"handlers": [], "level": level, "propagate": True},
            **{name: {"level": "WARNING", "handlers": []} for name in CHATTY},
        },
    }


def formatter(form: Literal["json", "text"]) -> logging.Formatter:
    """Return what turns records of every library into our lines."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.stdlib.ExtraAdder(),
        ],
        processors=[
            _where_it_failed,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _redact,
            _add_context,
            renderer,
        ],
    )


def _where_it_failed(logger: Any, name: str, event: Event) -> Event:
    """Replace an exception by its type and places: its message may quote a customer."""
    kind, _, trace = event.pop("exc_info", None) or (None, None, None)
    if kind is None:
        return event
    event["error"] = kind.__name__
    event["places"] = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(trace)[-12:]
    ]
    return event


def _redact(logger: Any, name: str, event: Event) -> Event:
    told = {key: event.pop(key) for key in ("time", "level", "logger") if key in event}
    what = mask(str(event.pop("event", "")))
    return {**told, "event": what, **redact(event)}


def _add_context(logger: Any, name: str, event: Event) -> Event:
    return {**event, **{key: value for key, value in log_context().items() if key not in event}}

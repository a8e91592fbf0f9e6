"""Keeps texts, keys and addresses' secrets out of log lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

WITHHELD = "[withheld]"
LONGEST = 300
# Whoever logs one of these by mistake logs nothing.
_SECRET_NAMES = re.compile(
    r"(^|_)(text|content|body|question|query|prompt|answer|quote|note|comment|history|key|token|"
    r"secret|password|authorization|cookie|email|phone)$",
    re.IGNORECASE,
)
# What keys look like wherever they stand; a user and password in an address too.
_SECRETS = (
    re.compile(r"\b(?:sk|pk|rk|xox[abp]|gh[pousr]|glpat|hf|gsk|key)[-_][A-Za-z0-9_\-]{8,}"),
    re.compile(r"\b(?:AKIA|AIza)[A-Za-z0-9_\-]{12,}"),
    re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/\-]{8,}=*"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+\.[A-Za-z0-9_\-]*"),
)


def mask(text: str) -> str:
    """Replace what looks like a key, and cut what is too long for a log line."""
    for pattern in _SECRETS:
        text = pattern.sub(WITHHELD, text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"


def redact(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with texts and keys withheld and objects left out."""
    return {
        name: WITHHELD if value and _SECRET_NAMES.search(name) else _plain(value)
        for name, value in fields.items()
        if _is_plain(value)
    }


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | bool | list | tuple | dict)


def _plain(value: Any) -> Any:
    match value:
        case str():
            return mask(value)
        case list() | tuple():
            return [_plain(item) if _is_plain(item) else type(item).__name__ for item in value]
        case dict():
            return redact({str(name): inner for name, inner in value.items()})
        case _:
            return value

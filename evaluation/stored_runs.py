"""A run kept in a file, to compare later runs with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from evaluation.cases import BadFile

FORMAT = 1
_KEPT = ("about", "n", "intervals", "per_query")


def save_run(file: Path, result: Mapping[str, Any]) -> None:
    """Write what a comparison needs of a result of `evaluate retrieval`. Raises BadFile."""
    kept = {"format": FORMAT, **{name: result[name] for name in _KEPT}}
    try:
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise BadFile(f"{file} cannot be written: {error}") from error


def load_run(file: Path) -> dict[str, Any]:
    """Return a stored run. Raises BadFile."""
    try:
        stored = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFile(f"{file} cannot be read as a stored run: {error}") from error
    if not isinstance(stored, dict) or not set(_KEPT) <= set(stored):
        raise BadFile(f"{file} is no stored run: make one with --save-baseline FILE")
    if stored.get("format") != FORMAT:
        raise BadFile(
            f"{file} is of format {stored.get('format')}, this version reads {FORMAT}: "
            "make it again with --save-baseline"
        )
    return stored


def check_writable(file: Path) -> None:
    """Raise BadFile when a file could not be written, before minutes are spent on its content."""
    if file.is_dir() or not file.parent.is_dir():
        raise BadFile(f"{file} cannot be written: it is a folder, or its folder does not exist")


def fingerprint(file: Path) -> str:
    """Return the beginning of the SHA-256 of a file's content."""
    return sha256(file.read_bytes()).hexdigest()[:16]

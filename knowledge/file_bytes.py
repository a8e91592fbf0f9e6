"""The bytes of a document: read and judged, then kept under their hash."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.conf import settings

from knowledge.ingestion.sniffing import kind_of
from knowledge.ingestion.values import DocumentUnreadable


def read_bytes(name: str, content: bytes | Path) -> tuple[str, bytes]:
    """Return the problem (empty when there is none) and the bytes."""
    limit = settings.UPLOAD_MAX_BYTES
    try:
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        if size > limit:
            megabytes = limit // (1024 * 1024)
            return (
                f"The file is larger than {megabytes} MB. Split it, or raise UPLOAD_MAX_MEGABYTES.",
                b"",
            )
        data = content.read_bytes() if isinstance(content, Path) else content
    except OSError as error:
        return f"The file cannot be read ({error.strerror}). Check its permissions.", b""
    try:
        kind_of(name, data)
    except DocumentUnreadable as error:
        return str(error), b""
    return "", data


def store_bytes(content_hash: str, data: bytes) -> str:
    """Write the bytes under their hash, durably; return the name below MEDIA_ROOT."""
    name = f"documents/{content_hash[:2]}/{content_hash}"
    target = Path(settings.MEDIA_ROOT) / name
    if target.exists():
        return name
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).replace(target)
    except OSError:
        Path(partial).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)
    return name


def stored_file(name: str) -> Path:
    """Return the file of a stored name. Raises ValueError for one that leads to no file of ours."""
    root = Path(settings.MEDIA_ROOT).resolve()
    found = (root / name).resolve()
    if root not in found.parents:
        raise ValueError(f"no file below MEDIA_ROOT has the name {name!r}")
    return found


def _sync_folder(folder: Path) -> None:
    """Make a rename in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

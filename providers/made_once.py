"""A folder of files that is made once: complete or not at all, though two may make it at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return the folder; `make` fills an empty one when it is not there yet. Raises what it does.

    The name must tell apart what differs: a folder that is there is taken as it is.
    """
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, ignore_cleanup_errors=True) as partial:
        made = Path(partial) / "made"
        made.mkdir()
        make(made)
        try:
            made.rename(folder)
        except OSError:
            # Another process was first.
            if not folder.exists():
                raise
    return folder

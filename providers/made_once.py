"""A folder of files that is made once: complete or not at all, though two may make it at a time."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from providers.errors import EmbedderUnavailable

CHILD_TIMEOUT_SECONDS = 180.0
ROOT = Path(__file__).resolve().parent.parent


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


def make_in_child(what: str, module: str, *arguments: str) -> None:
    """Run a module of ours that makes files, in a process whose memory ends with it.

    Raises EmbedderUnavailable with `what` and the end of what the child said.
    """
    try:
        subprocess.run(  # noqa: S603 - our own module, our own paths
            [sys.executable, "-m", module, *arguments],
            check=True,
            capture_output=True,
            timeout=CHILD_TIMEOUT_SECONDS,
            cwd=ROOT,
        )
    except (subprocess.SubprocessError, OSError) as error:
        detail = getattr(error, "stderr", b"") or b""
        said = detail.decode(errors="replace")[-300:].strip()
        raise EmbedderUnavailable(f"{what} could not be prepared: {said}") from error

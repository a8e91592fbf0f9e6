"""Which folders of this machine may be sources."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings


def folder_problem(folder: Path) -> str:
    """Return why a folder cannot be read, with the next step; empty when it can."""
    if not folder.is_absolute():
        return "Write the whole path of the folder, beginning with a slash."
    real = folder.resolve()
    data = Path(settings.DATA_DIR).resolve()
    if real == data or data.is_relative_to(real) or real.is_relative_to(data):
        return "This folder holds supportbot's own data. Choose another one."
    try:
        if not real.is_dir():
            return "There is no such folder on the machine that supportbot runs on. Check the path."
    except OSError as error:
        return f"The folder cannot be looked at ({error.strerror}). Check its permissions."
    if not os.access(real, os.R_OK | os.X_OK):
        return (
            "The folder may not be read by the user that supportbot runs as. Give that user the "
            "right to open and list it."
        )
    return ""


def is_offered(folder: Path) -> bool:
    """Say whether a folder lies in one that SOURCE_FOLDERS offers to operators."""
    real = folder.resolve()
    return any(real.is_relative_to(Path(one).resolve()) for one in settings.SOURCE_FOLDERS)

"""Files on this machine: those below a path, and the names under which they are known."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

IGNORED_FOLDERS = {"__pycache__", "node_modules"}
MAX_PATH = 1000
# Between an archive and the file in it.
IN_ARCHIVE = "!/"


@dataclass(frozen=True)
class FoundFile:
    """A file below a given path, and the path under which it is known."""

    file: Path
    path: str


def find_files(paths: Iterable[Path]) -> tuple[list[FoundFile], list[tuple[str, str]]]:
    """Return the regular files below the paths, and (path, reason) for what cannot be used."""
    found: list[FoundFile] = []
    problems: list[tuple[str, str]] = []
    for given in paths:
        root = Path(os.path.abspath(given.expanduser()))  # noqa: PTH100 - keeps links
        if root.is_file():
            found.append(FoundFile(root, printable(root.name)))
        elif root.is_dir():
            below, unreadable = _below(root)
            found.extend(below)
            problems.extend(unreadable)
            if not below and not unreadable:
                reason = "The folder holds no files. Name one that does."
                problems.append((printable(str(given)), reason))
        else:
            reason = "There is no such file or folder. Check the path."
            problems.append((printable(str(given)), reason))
    return found, problems


def source_of(file: Path) -> str:
    """Return the file's absolute path as text that can be stored, links kept as they are."""
    return printable(os.path.abspath(file.expanduser()))[-MAX_PATH:]  # noqa: PTH100 - keeps links


def printable(path: str) -> str:
    """Return a path without the halves of characters that a name in another encoding gives."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def is_there(source: str) -> bool:
    """Whether the file that a document was read from is still there, or the archive it lay in."""
    archive, inside, _ = source.partition(IN_ARCHIVE)
    return Path(source).exists() or (bool(inside) and Path(archive).is_file())


def _below(root: Path) -> tuple[list[FoundFile], list[tuple[str, str]]]:
    """Return the regular files below a folder, and the folders that cannot be opened."""
    problems: list[tuple[str, str]] = []
    found: list[FoundFile] = []

    def note(error: OSError) -> None:
        reason = f"The folder cannot be read ({error.strerror}). Check its permissions."
        problems.append((printable(str(error.filename)), reason))

    for folder, subfolders, names in os.walk(root, onerror=note):
        subfolders[:] = sorted(filter(_wanted, subfolders))
        for file in (Path(folder) / name for name in sorted(filter(_wanted, names))):
            if file.is_file():
                known_as = printable(str(Path(root.name) / file.relative_to(root)))
                found.append(FoundFile(file, known_as))
    return found, problems


def _wanted(name: str) -> bool:
    return not name.startswith(".") and name not in IGNORED_FOLDERS

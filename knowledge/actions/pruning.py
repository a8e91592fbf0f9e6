"""Documents whose files are gone leave the answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from knowledge.actions.documents import withdraw
from knowledge.found_files import IN_ARCHIVE, FoundFile, source_of
from knowledge.models import Document, DocumentStatus


def withdraw_missing(
    folders: Iterable[Path],
    files: Iterable[FoundFile],
    collection: str,
    in_archives: Iterable[str] = (),
) -> list[Document]:
    """Withdraw the collection's documents below the folders whose files no longer exist.

    `files` are those that were found there, `in_archives` the sources of what lay in the archives
    among them that could be opened. A file out of reach is not a file that is gone.
    """
    gone = []
    inside = set(in_archives)
    opened = {source.partition(IN_ARCHIVE)[0] for source in inside}
    seen = {source_of(found.file) for found in files} | inside
    starts = [f"{source_of(folder).rstrip('/')}/" for folder in folders]
    for start in [*starts, *(f"{archive}{IN_ARCHIVE}" for archive in sorted(opened))]:
        below = Document.objects.filter(collection__slug=collection, source__startswith=start)
        for document in below.exclude(status=DocumentStatus.WITHDRAWN):
            if document.source not in seen and _is_gone(document.source, opened):
                withdraw(document)
                gone.append(document)
    return gone


def _is_gone(source: str, opened: set[str]) -> bool:
    archive, inside, _ = source.partition(IN_ARCHIVE)
    if inside and archive in opened:
        return True
    try:
        Path(archive if inside and not Path(source).exists() else source).stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        # Out of reach, for want of a permission or a disk: that says nothing about the file.
        return False
    return False

"""Documents whose files are gone leave the answers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from knowledge.actions.documents import withdraw
from knowledge.intake import FoundFile, source_of
from knowledge.models import Document, DocumentStatus


def withdraw_missing(
    folders: Iterable[Path], files: Iterable[FoundFile], collection: str
) -> list[Document]:
    """Withdraw the collection's documents below the folders whose files no longer exist.

    `files` are those that were found there. A file out of reach is not a file that is gone.
    """
    gone = []
    seen = {source_of(found.file) for found in files}
    for folder in map(source_of, folders):
        below = Document.objects.filter(
            collection__slug=collection, source__startswith=folder.rstrip("/") + "/"
        )
        for document in below.exclude(status=DocumentStatus.WITHDRAWN):
            if document.source not in seen and _is_gone(Path(document.source)):
                withdraw(document)
                gone.append(document)
    return gone


def _is_gone(file: Path) -> bool:
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        # Out of reach, for want of a permission or a disk: that says nothing about the file.
        return False
    return False

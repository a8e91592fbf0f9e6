"""What an operator can do to a document, from its page, from the list, or over the API."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User

from knowledge.actions import documents as actions
from knowledge.actions import readers
from knowledge.intake import ring
from knowledge.models import Document

# Ringing for more only fills the broker; the sweeper rings for the others, oldest first.
MOST_RINGS = 20


class NotPossible(Exception):
    """What was asked cannot be done now. The text is a sentence with the next step."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and which version the person has seen; 0: none in particular."""

    user: User
    version: int = 0


def retry(document: Document, asked: Asked) -> str:
    """Queue again and ring the worker. Raises NotPossible."""
    if not actions.retry(document):
        raise NotPossible("There is no file to read. Upload it again.")
    ring(document)
    return "queued again"


def withdraw(document: Document, asked: Asked) -> str:
    """Take out of all answers."""
    actions.withdraw(document)
    return "withdrawn"


def release(document: Document, asked: Asked) -> str:
    """Let the held version answer. Raises NotPossible, also when another one came meanwhile."""
    newest = document.versions.order_by("-number").first()
    if asked.version and newest and newest.number != asked.version:
        raise NotPossible("A newer version came meanwhile. Read that one first.")
    if not actions.release(document, asked.user):
        raise NotPossible("It is not held now. Open its page again to see where it stands.")
    ring(document)
    return "released"


def publish(document: Document, asked: Asked) -> str:
    """Let customers get answers from it."""
    readers.publish(document, published=True)
    return "published"


def unpublish(document: Document, asked: Asked) -> str:
    """Let no customer get answers from it; it stays indexed."""
    readers.publish(document, published=False)
    return "no longer published"


def restore(document: Document, asked: Asked) -> str:
    """Bring back the version that is asked for. Raises NotPossible."""
    version = document.versions.filter(number=asked.version).first()
    if version is None:
        raise NotPossible("There is no such version. Choose one from the list of versions.")
    restored = actions.restore(document, version)
    if restored == version:
        raise NotPossible("This is the newest version already. Choose an earlier one.")
    ring(document)
    return f"going back to version {version.number}, which is made ready as {restored.number}"


Act = Callable[[Document, Asked], str]
ACTS: dict[str, Act] = {
    "retry": retry,
    "withdraw": withdraw,
    "release": release,
    "publish": publish,
    "unpublish": unpublish,
    "restore": restore,
}


def retry_all_failed() -> int:
    """Queue every failed document that has a file; return how many."""
    failed = list(actions.failed_documents().order_by("updated_at"))
    for number, document in enumerate(failed):
        actions.queue(document)
        if number < MOST_RINGS:
            ring(document)
    return len(failed)

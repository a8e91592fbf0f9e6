"""Golden questions taken in from a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from knowledge.document_names import NotOneDocument, document_meant
from knowledge.golden_rows import GoldenRow
from knowledge.models import Document, DocumentStatus, GoldenQuestion

MOST_CHARACTERS = 1000


@dataclass(slots=True)
class Imported:
    """How many questions were added and how many were known; (line, sentence) of the others."""

    added: int = 0
    known: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)


@transaction.atomic
def import_golden(rows: Iterable[GoldenRow]) -> Imported:
    """Add the questions whose documents can be told; repeatable."""
    imported = Imported()
    meant: dict[str, Document | str] = {}
    for row in rows:
        if row.document not in meant:
            meant[row.document] = _document_or_problem(row.document)
        document = meant[row.document]
        problem = document if isinstance(document, str) else question_problem(row.question)
        if problem or isinstance(document, str):
            imported.problems.append((row.line, problem))
            continue
        _, made = GoldenQuestion.objects.get_or_create(question=row.question, document=document)
        imported.added += made
        imported.known += not made
    return imported


def question_problem(question: str) -> str:
    """Return why a question cannot be asked, or ""."""
    if not question:
        return "The question is empty."
    if len(question) > MOST_CHARACTERS:
        return f"The question has {len(question)} characters; at most {MOST_CHARACTERS} are kept."
    return ""


def usable(document: Document) -> str:
    """Return why a document cannot be the right one of a question, or ""."""
    if document.status == DocumentStatus.WITHDRAWN:
        return f"{document} is withdrawn, so nobody finds it. Retry it first, or name another one."
    return ""


def _document_or_problem(words: str) -> Document | str:
    try:
        document = document_meant(words)
    except NotOneDocument as error:
        return str(error)
    return usable(document) or document

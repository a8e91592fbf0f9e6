"""FAQ entries as documents: written, changed, taken out, brought in from a table."""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from knowledge.actions import documents
from knowledge.intake import submit_file
from knowledge.models import Audience, Collection, Document, DocumentKind, FaqEntry

logger = logging.getLogger(__name__)
MOST_ROWS = 2000
QUESTION_CHARACTERS = 500
# Between other wordings in one cell of a table.
SEPARATOR = "|"
_COLUMNS = {
    "question": ("question", "title", "q"),
    "answer": ("answer", "text", "a"),
    "other_wordings": ("other wordings", "other_wordings", "wordings", "alternatives"),
}


class TableUnreadable(Exception):
    """A table of entries cannot be used. The text is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of a table, counted from 1 without the heading; `problem` is empty when it is good."""

    number: int
    question: str
    answer: str
    other_wordings: str
    problem: str = ""


def publish(entry: FaqEntry) -> Document:
    """Make the entry's document: a new one, a new version, or nothing when it is the same.

    Readers are brought in line without embedding anything again.
    """
    former = entry.document
    with transaction.atomic():
        submitted = submit_file(
            name=f"faq-{entry.pk}.md",
            content=markdown(entry).encode(),
            collection=entry.collection.slug,
            audiences=readers(entry),
            path=f"faq/{entry.pk}",
            title=entry.question,
        )
        document = submitted.document
        Document.objects.filter(pk=document.pk).update(kind=DocumentKind.FAQ)
        if former is None or former.pk != document.pk:
            entry.document = document
            entry.save(update_fields=["document"])
    if former is not None and former.pk != document.pk:
        # It was moved to another collection.
        documents.delete(former)
    return document


def remove(entry: FaqEntry) -> None:
    """Delete an entry with its document."""
    if entry.document is not None:
        documents.delete(entry.document)
    entry.delete()


def markdown(entry: FaqEntry) -> str:
    """Return the entry as it is searched and cited.

    Other wordings stand in a last heading: found like all text, and never quoted as an answer,
    since headings are not.
    """
    parts = [f"# {_one_line(entry.question)}", entry.answer.strip()]
    if entry.wordings:
        parts.append("###### Also asked: " + " / ".join(map(_one_line, entry.wordings)))
    return "\n\n".join(parts) + "\n"


def readers(entry: FaqEntry) -> list[str]:
    """Return who may read it: the entry's own readers, else its collection's."""
    own = sorted(entry.audiences.values_list("slug", flat=True))
    return own or sorted(entry.collection.audiences.values_list("slug", flat=True))


def read_table(content: bytes) -> list[EntryRow]:
    """Read a CSV file with the columns question, answer and, if given, other wordings.

    Raises TableUnreadable.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("windows-1252", "replace")
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:4096], ",;\t")
    except csv.Error:
        dialect = csv.excel
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error as error:
        raise TableUnreadable(f"The file is no CSV table ({error}). Export it again.") from None
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    places = _places(rows[0]) if rows else {}
    if "question" not in places or "answer" not in places:
        raise TableUnreadable(
            "The first row has to name the columns. Write question, answer and, if you like, other "
            "wordings into it."
        )
    if len(rows) - 1 > MOST_ROWS:
        raise TableUnreadable(f"The table has more than {MOST_ROWS} rows. Split it.")
    return [_row(number, row, places) for number, row in enumerate(rows[1:], 1)]


def take_in(
    rows: Iterable[EntryRow], collection: Collection, audiences: Iterable[Audience]
) -> tuple[int, int, int]:
    """Make or change entries by their question; return how many were added, changed, the same."""
    chosen = list(audiences)
    added = changed = same = 0
    for row in rows:
        entry, made = FaqEntry.objects.get_or_create(
            question=row.question,
            collection=collection,
            defaults={"answer": row.answer, "other_wordings": row.other_wordings},
        )
        if made:
            entry.audiences.set(chosen)
            added += 1
        elif (entry.answer, entry.other_wordings) == (row.answer, row.other_wordings):
            same += 1
            continue
        else:
            entry.answer, entry.other_wordings = row.answer, row.other_wordings
            entry.save()
            changed += 1
        publish(entry)
    return added, changed, same


def _places(heading: list[str]) -> dict[str, int]:
    named = [cell.strip().lower() for cell in heading]
    return {
        column: next(named.index(name) for name in names if name in named)
        for column, names in _COLUMNS.items()
        if any(name in named for name in names)
    }


def _row(number: int, row: list[str], places: dict[str, int]) -> EntryRow:
    def cell(column: str) -> str:
        place = places.get(column, len(row))
        return row[place].strip() if place < len(row) else ""

    question, answer = _one_line(cell("question")), cell("answer")
    wordings = "\n".join(
        part.strip() for part in cell("other_wordings").replace(SEPARATOR, "\n").splitlines()
    )
    problem = ""
    if not question or not answer:
        problem = "A question and an answer are needed."
    elif len(question) > QUESTION_CHARACTERS:
        problem = f"The question is longer than {QUESTION_CHARACTERS} characters."
    return EntryRow(number, question, answer, wordings, problem)


def _one_line(text: str) -> str:
    return " ".join(text.split())

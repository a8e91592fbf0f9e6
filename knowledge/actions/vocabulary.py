"""The operator's words: what makes an entry usable, and many taken in from a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from knowledge.models import VocabularyEntry
from knowledge.retrieval.analysis import STOP_WORDS
from knowledge.retrieval.vocabulary import Phrase, words_of

MOST_SYNONYMS = 50
LONGEST = 100


@dataclass(slots=True)
class Imported:
    """What became of the rows of a file. A problem is a sentence that begins with its row."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def word_problem(word: str) -> str:
    """Return why a word or phrase cannot be in the vocabulary, or ""."""
    words = words_of(word)
    if not words:
        return f"“{word}” has no letter or digit in it."
    if not word.isprintable():
        return "There are characters in it that are not text. Type it anew."
    if set(words) <= STOP_WORDS:
        return f"“{word}” is in nearly every question. Leave it out."
    return f"“{word[:40]}…” is longer than {LONGEST} characters." if len(word) > LONGEST else ""


def term_problem(term: str, taken: Collection[Phrase]) -> str:
    """Return why a term cannot be added beside those that are taken, or ""."""
    if words_of(term) in taken:
        return f"“{term}” is there already, perhaps in another spelling. Change that entry."
    return word_problem(term)


def synonyms_problem(term: str, synonyms: Sequence[str]) -> str:
    """Return why a term cannot have these synonyms, or ""."""
    if len(synonyms) > MOST_SYNONYMS:
        return f"At most {MOST_SYNONYMS} words for a term."
    seen: set[Phrase] = set()
    for synonym in synonyms:
        problem = word_problem(synonym)
        if problem:
            return problem
        words = words_of(synonym)
        if words == words_of(term):
            return f"“{synonym}” is the term itself. Leave it out."
        if words in seen:
            return f"“{synonym}” is there twice, perhaps in another spelling."
        seen.add(words)
    return ""


def terms_taken(but: VocabularyEntry | None = None) -> set[Phrase]:
    """Return the terms of all other entries, as they are compared."""
    others = VocabularyEntry.objects.all()
    if but is not None and but.pk is not None:
        others = others.exclude(pk=but.pk)
    return {words_of(term) for term in others.values_list("term", flat=True)}


@transaction.atomic
def import_entries(text: str) -> Imported:
    """Take in CSV rows: a term, then its synonyms. A term that is there gets what is new."""
    result = Imported()
    known = {words_of(entry.term): entry for entry in VocabularyEntry.objects.select_for_update()}
    try:
        rows = list(csv.reader(io.StringIO(text), _dialect(text), strict=True))
    except csv.Error as error:
        result.problems.append(f"This is not a CSV file: {error}.")
        return result
    for number, row in enumerate(rows, 1):
        cells = [" ".join(cell.split()) for cell in row if cell.strip()]
        if cells and (problem := _take(cells[0], cells[1:], known, result)):
            result.problems.append(f"Row {number}: {problem}")
    return result


def _take(
    term: str, synonyms: list[str], known: dict[Phrase, VocabularyEntry], result: Imported
) -> str:
    entry = known.get(words_of(term))
    have = entry.others if entry else []
    mine = {words_of(word) for word in have}
    wanted = [*have, *(word for word in synonyms if words_of(word) not in mine)]
    problem = word_problem(term) or synonyms_problem(term, wanted)
    if problem:
        return problem
    if entry is None:
        known[words_of(term)] = VocabularyEntry.objects.create(
            term=term, synonyms="\n".join(wanted)
        )
        result.added += 1
    elif wanted == have:
        result.unchanged += 1
    else:
        entry.synonyms = "\n".join(wanted)
        entry.save(update_fields=["synonyms", "updated_at"])
        result.changed += 1
    return ""


def _dialect(text: str) -> type[csv.Dialect]:
    """Return what separates the cells; spreadsheets of some countries write semicolons."""

    class Cells(csv.excel):
        delimiter = ";" if text.count(";") > text.count(",") else ","

    return Cells

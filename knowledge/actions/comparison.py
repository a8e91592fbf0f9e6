"""Holds a document against the others of its collection and writes down what an operator sees."""

from __future__ import annotations

import hashlib
import logging
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import transaction
from django.db.models import Q, QuerySet

from knowledge.comparing import CollectionShelf, Known, load_pages
from knowledge.comparison.contradictions import MOST_OF_THE_SAME, contradictions
from knowledge.comparison.contradictions import Contradiction as Found
from knowledge.comparison.shingles import nearly_the_same, signature, text_hash, words_of
from knowledge.comparison.statements import Statement, statements_of
from knowledge.models import (
    Contradiction,
    Document,
    DocumentStatus,
    DocumentVersion,
    DuplicatePair,
    ReviewState,
)
from knowledge.retrieval.values import Reader
from knowledge.wiring import embedder, searcher
from providers.embeddings.base import Vectors
from providers.errors import ProviderError

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_shelves: dict[int, CollectionShelf] = {}
_MOST_SHELVES = 20
# Passages looked at for each statement, where a collection is too large to hold every document.
NEIGHBOURS = 20
_VALUE_CHARACTERS = 100


def compare_document(document: Document) -> None:
    """Write what the document's current version repeats and contradicts; repeatable.

    What was found before and holds no longer goes, unless an operator has decided on it. A
    document out of use is compared with nothing. Nothing is written when another version became
    current meanwhile: that one is compared by itself.
    """
    for other in _compare(document.pk):
        # Of the same two sentences in many documents only a few were listed; now there is room.
        _compare(other)


def compare_everything() -> int:
    """Compare every document in use; return how many there were."""
    in_use = Document.objects.filter(current_version__isnull=False).exclude(
        status=DocumentStatus.WITHDRAWN
    )
    wanted = list(in_use.values_list("pk", flat=True))
    for document_id in wanted:
        _compare(document_id)
    for document in Document.objects.exclude(pk__in=in_use.values("pk")).only("pk"):
        forget_comparisons(document)
    return len(wanted)


def compare_later(documents: Iterable[Document]) -> None:
    """Have documents compared again by the sweeper: what they may be compared with has changed."""
    current = (document.current_version_id for document in documents)
    versions = [version for version in current if version is not None]
    # One that has no hash counts as not compared yet.
    DocumentVersion.objects.filter(pk__in=versions).exclude(text_hash="").update(text_hash="")


def forget_comparisons(document: Document) -> None:
    """Drop what is still open about a document that is no longer in use."""
    _drop(Contradiction.objects.filter(_about(document.pk)))
    DuplicatePair.objects.filter(_about(document.pk), state=ReviewState.OPEN).delete()


def decide_contradictions(
    chosen: QuerySet[Contradiction], state: ReviewState, user: AbstractUser | None
) -> int:
    """Record what an operator made of contradictions; return how many changed."""
    decided_by = None if state == ReviewState.OPEN else user
    return chosen.exclude(state=state).update(state=state, decided_by=decided_by)


def decide_duplicates(chosen: QuerySet[DuplicatePair], state: ReviewState) -> int:
    """Record what an operator made of duplicates; return how many changed."""
    return chosen.exclude(state=state).update(state=state)


def _compare(document_id: uuid.UUID) -> set[uuid.UUID]:
    """Compare one document; return those that contradicted it and no longer do."""
    rows = Document.objects.select_related("current_version", "collection")
    document = rows.filter(pk=document_id).first()
    if document is None:
        return set()
    version = document.current_version
    if version is None or document.status == DocumentStatus.WITHDRAWN:
        forget_comparisons(document)
        return set()
    version.text_hash = text_hash(version.text) or f"no words {version.pk.hex}"
    version.signature = signature(version.text)
    found, alike = find_in(document, version)
    with transaction.atomic():
        held = Document.objects.select_for_update().filter(pk=document_id, current_version=version)
        if not held.exclude(status=DocumentStatus.WITHDRAWN).exists():
            return set()
        # Whoever has a hash was compared: a crash before this line has it compared again.
        DocumentVersion.objects.filter(pk=version.pk).update(
            text_hash=version.text_hash, signature=version.signature
        )
        _write_duplicates(document, alike)
        return _write_contradictions(document, found)


# --- finding --------------------------------------------------------------------------------
def find_in(
    document: Document, version: DocumentVersion
) -> tuple[list[Found], dict[uuid.UUID, float]]:
    """Return what contradicts the document, and which documents say the same."""
    others = _others(document)
    names = {str(other) for other in others}
    # One comparison at a time: a collection's shelf is shared by the threads of a worker.
    with _lock:
        shelf = _shelf_of(document.collection_id)
        alike = dict(_same_text(document, version, others))
        signatures = {k: v for k, v in shelf.signatures().items() if k in names}
        for other, share in nearly_the_same(version.signature, signatures):
            alike.setdefault(uuid.UUID(other), round(share, 3))
        shelf.refresh(_neighbours(document, version) if shelf.is_large() else None)
        return _contradictions(shelf, str(document.pk), names), alike


def _others(document: Document) -> set[uuid.UUID]:
    """Return the documents in use that share the collection and at least one reader."""
    readers = list(document.audiences.values_list("pk", flat=True))
    rows = Document.objects.filter(
        collection=document.collection_id, audiences__in=readers, current_version__isnull=False
    )
    found = rows.exclude(status=DocumentStatus.WITHDRAWN).exclude(pk=document.pk)
    return set(found.values_list("pk", flat=True))


def _same_text(
    document: Document, version: DocumentVersion, others: set[uuid.UUID]
) -> Iterable[tuple[uuid.UUID, float]]:
    same = Document.objects.filter(
        collection=document.collection_id, current_version__text_hash=version.text_hash
    )
    for other in same.values_list("pk", flat=True):
        if other in others:
            yield other, 1.0


def _contradictions(shelf: CollectionShelf, document: str, others: set[str]) -> list[Found]:
    allowed = {document, *others}
    try:
        return contradictions(shelf.shelf, [document], shelf.remembering(_embed), allowed)
    except ProviderError as error:
        logger.warning("comparison.without_vectors", extra={"error": type(error).__name__})
        return contradictions(shelf.shelf, [document], None, allowed)


def _neighbours(document: Document, version: DocumentVersion) -> set[str]:
    """Return the documents that search finds for this one's statements, and itself."""
    pages = load_pages({str(document.pk): Known(version.pk, document.title, document.language)})
    readers = frozenset(document.audiences.values_list("pk", flat=True))
    reader = Reader(readers, document.collection.slug)
    near = {str(document.pk)}
    for text in sorted({s.frame for page in pages for s in statements_of(page)}):
        passages = searcher().retrieve(text, reader, NEIGHBOURS).passages
        near.update(passage.document for passage in passages)
    return near


def forget_shelves() -> None:
    """Forget what is kept between comparisons, for tests."""
    with _lock:
        _shelves.clear()


def _shelf_of(collection: int) -> CollectionShelf:
    if collection not in _shelves:
        while len(_shelves) >= _MOST_SHELVES:
            _shelves.pop(next(iter(_shelves)))
        _shelves[collection] = CollectionShelf(collection)
    return _shelves[collection]


def _embed(texts: Sequence[str]) -> Vectors:
    return embedder().embed_documents(texts)


# --- writing --------------------------------------------------------------------------------
def _about(document_id: uuid.UUID) -> Q:
    return Q(first=document_id) | Q(second=document_id)


def _drop(rows: QuerySet[Contradiction]) -> set[uuid.UUID]:
    """Delete those still open; return the documents they were about."""
    gone = rows.filter(state=ReviewState.OPEN)
    about = {pk for pair in gone.values_list("first", "second") for pk in pair}
    gone.delete()
    return about


def _write_contradictions(document: Document, found: Sequence[Found]) -> set[uuid.UUID]:
    rows = dict(map(_row, found))
    about = Contradiction.objects.filter(_about(document.pk))
    others = _drop(about.exclude(key__in=rows)) - {document.pk}
    known = set(Contradiction.objects.filter(key__in=rows).values_list("key", flat=True))
    for key, row in rows.items():
        if key in known:
            # A new version has new chunks.
            chunks = {name: row[name] for name in ("first_chunk", "second_chunk")}
            Contradiction.objects.filter(key=key).update(**chunks)
        elif not _is_listed_enough(row):
            Contradiction.objects.get_or_create(key=key, defaults=row)
    return others


def _is_listed_enough(row: dict[str, Any]) -> bool:
    """Say whether the same two sentences of other documents are listed already."""
    first, second = row["first_statement"], row["second_statement"]
    same = Q(first_statement=first, second_statement=second) | Q(
        first_statement=second, second_statement=first
    )
    return Contradiction.objects.filter(same).count() >= MOST_OF_THE_SAME


def _row(found: Found) -> tuple[str, dict[str, Any]]:
    first, second = sorted((found.first, found.second), key=_place)
    return _key(first, second), {
        "first_id": uuid.UUID(first.document),
        "second_id": uuid.UUID(second.document),
        "first_chunk": uuid.UUID(first.piece),
        "second_chunk": uuid.UUID(second.piece),
        "first_statement": first.text,
        "second_statement": second.text,
        "first_value": first.value.shown[:_VALUE_CHARACTERS],
        "second_value": second.value.shown[:_VALUE_CHARACTERS],
        "kind": first.value.kind.value,
    }


def _key(first: Statement, second: Statement) -> str:
    """Return the same for the same two statements, in whatever version and chunk they stand."""
    sides = (
        "\n".join((s.document, " ".join(words_of(s.text)), " ".join(words_of(s.value.shown))))
        for s in (first, second)
    )
    return hashlib.sha256("\n\n".join(sides).encode()).hexdigest()


def _place(statement: Statement) -> tuple[str, str, str]:
    return statement.document, statement.text, statement.value.shown


def _write_duplicates(document: Document, alike: Mapping[uuid.UUID, float]) -> None:
    for pair in DuplicatePair.objects.filter(_about(document.pk)):
        other = pair.second_id if pair.first_id == document.pk else pair.first_id
        if other not in alike:
            if pair.state == ReviewState.OPEN:
                pair.delete()
        elif pair.similarity != alike[other]:
            DuplicatePair.objects.filter(pk=pair.pk).update(similarity=alike[other])
    for other, similarity in alike.items():
        first, second = sorted((document.pk, other), key=str)
        DuplicatePair.objects.get_or_create(
            first_id=first, second_id=second, defaults={"similarity": similarity}
        )

"""What is known of a collection's documents for comparing, kept from one comparison to the next."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Collection as AnyOf
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from django.db.models import Case, IntegerField, Value, When
from numpy.typing import NDArray

from knowledge.comparison.contradictions import Embed
from knowledge.comparison.languages import language_of
from knowledge.comparison.shelf import Shelf
from knowledge.comparison.shingles import Signature
from knowledge.comparison.statements import Page, Piece, statements_of
from knowledge.models import Chunk, Document, DocumentStatus, DocumentVersion, GenerationState
from knowledge.models.document import DocumentQuerySet
from providers.embeddings.base import Vectors

# Above this, a document is compared with those that search finds for its statements.
MOST_DOCUMENTS = 3000
LOADED_AT_ONCE = 100
MOST_VECTORS = 5000
_CURRENT_FIRST = Case(
    When(generation__state=GenerationState.CURRENT, then=Value(0)),
    default=Value(1),
    output_field=IntegerField(),
)


class Known(NamedTuple):
    """What a document's statements depend on."""

    version: uuid.UUID
    title: str
    language: str


class CollectionShelf:
    """Statements and signatures of the documents in use of one collection. Not thread-safe."""

    def __init__(self, collection: int) -> None:
        self.shelf = Shelf()
        self._collection = collection
        self._known: dict[str, Known] = {}
        self._signatures: dict[str, tuple[uuid.UUID, NDArray[np.int64]]] = {}
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()

    def refresh(self, only: AnyOf[str] | None = None) -> None:
        """Take in what has changed in the database; `only`: keep these documents, no others."""
        used = _in_use(self._collection)
        wanted = {key: known for key, known in used.items() if only is None or key in only}
        for document in self._known.keys() - wanted.keys():
            self.shelf.drop(document)
            del self._known[document]
        changed = [key for key, known in wanted.items() if self._known.get(key) != known]
        for start in range(0, len(changed), LOADED_AT_ONCE):
            some = {key: wanted[key] for key in changed[start : start + LOADED_AT_ONCE]}
            for page in load_pages(some):
                self.shelf.put(page.id, statements_of(page))
            self._known.update(some)

    def is_large(self) -> bool:
        """Say whether there are too many documents to keep the statements of all."""
        return _rows(self._collection).count() > MOST_DOCUMENTS

    def signatures(self) -> Mapping[str, Signature]:
        """Return the signatures of the documents in use that were compared and have one."""
        current = dict(_rows(self._collection).values_list("pk", "current_version"))
        known = {document: version for document, (version, _) in self._signatures.items()}
        stale = [
            version
            for document, version in current.items()
            if version is not None and known.get(str(document)) != version
        ]
        for document in known.keys() - {str(key) for key in current}:
            del self._signatures[document]
        for start in range(0, len(stale), LOADED_AT_ONCE):
            some = DocumentVersion.objects.filter(pk__in=stale[start : start + LOADED_AT_ONCE])
            # One that was not compared yet has none, and will have one.
            compared = some.exclude(text_hash="")
            for version, of, numbers in compared.values_list("pk", "document", "signature"):
                self._signatures[str(of)] = (version, np.array(numbers, dtype=np.int64))
        return {key: numbers for key, (_, numbers) in self._signatures.items() if len(numbers)}

    def remembering(self, embed: Embed) -> Embed:
        """Return the function with a memory: other documents' sentences come again and again."""

        def remembered(texts: Sequence[str]) -> Vectors:
            new = [text for text in texts if text not in self._vectors]
            if new:
                self._vectors.update(zip(new, embed(new), strict=True))
            rows = np.stack([self._vectors[text] for text in texts])
            while len(self._vectors) > MOST_VECTORS:
                self._vectors.popitem(last=False)
            return rows

        return remembered


def load_pages(known: Mapping[str, Known]) -> Iterable[Page]:
    """Yield the documents as they are compared, from the chunks of the generation in use."""
    by_version = {each.version: (document, each) for document, each in known.items()}
    rows = (
        Chunk.objects.filter(version__in=by_version)
        .annotate(turn=_CURRENT_FIRST)
        .order_by("version", "turn", "-generation", "ordinal")
        .values_list("version", "generation", "pk", "headings", "text")
    )
    for version, of_version in groupby(rows, key=lambda row: row[0]):
        _, chunks = next(groupby(of_version, key=lambda row: row[1]))
        pieces = tuple(Piece(str(pk), tuple(headings), text) for *_, pk, headings, text in chunks)
        document, each = by_version[version]
        text = " ".join(piece.text for piece in pieces)
        yield Page(document, each.title, language_of(text, each.language), pieces)


def _rows(collection: int) -> DocumentQuerySet:
    return Document.objects.filter(collection=collection, current_version__isnull=False).exclude(
        status=DocumentStatus.WITHDRAWN
    )


def _in_use(collection: int) -> dict[str, Known]:
    rows = _rows(collection).values_list("pk", "current_version", "title", "language")
    return {
        str(pk): Known(version, title, language)
        for pk, version, title, language in rows
        if version is not None
    }

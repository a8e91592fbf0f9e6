"""The languages of the documents as they are in the database, and what a question asks of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Count, Value
from django.db.models.functions import Coalesce, NullIf, Substr

from knowledge.models import Collection, Document, DocumentStatus, IndexGeneration, SentenceIndex
from knowledge.retrieval.analysis import ENGLISH
from knowledge.retrieval.other_languages import SentenceSearch
from knowledge.retrieval.values import Reader
from providers.embeddings.base import Embedder
from providers.languages import LanguageClassifier, is_foreign, likeliest, spoken
from providers.vector_store.base import VectorStore

# Counting the documents of each language for every question would be most of its search.
REMEMBERED_SECONDS = 30.0
_remembered: dict[str | None, tuple[float, frozenset[str]]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class LiveLanguages:
    """What a search asks about languages, over one generation of the index.

    `second` gives the second model, or None where it is not used; `store` its index.
    """

    generation: IndexGeneration
    classifier: LanguageClassifier
    second: Callable[[], Embedder | None]
    store: VectorStore

    def language(self, text: str, reader: Reader) -> str:
        """Return the language in which to look for words: one of the documents'."""
        languages = languages_of(reader.collection)
        if len(languages) < 2:
            return next(iter(languages), ENGLISH)
        return likeliest(self.classifier, text, languages)

    def foreign(self, text: str, reader: Reader) -> SentenceSearch | None:
        """Return the second search for a question in another language, once its index is ready.

        The first such question of a collection has it made; until then the usual search answers.
        """
        if not is_foreign(self.classifier, text, languages_of(reader.collection)):
            return None
        embedder = self.second()
        if embedder is None or not self._ready(reader.collection):
            return None
        return SentenceSearch(embedder, self.store)

    def _ready(self, collection: str | None) -> bool:
        wanted = Collection.objects.filter(documents__current_version__isnull=False).distinct()
        if collection is not None:
            wanted = wanted.filter(slug=collection)
        collections = list(wanted)
        rows = SentenceIndex.objects.filter(generation=self.generation)
        ready = {row.collection_id: row.ready_at is not None for row in rows}
        new = [one for one in collections if one.pk not in ready]
        if new:
            note_asked(self.generation, new)
        return bool(collections) and all(ready.get(one.pk, False) for one in collections)


def note_asked(generation: IndexGeneration, collections: Iterable[Collection]) -> None:
    """Note that collections are asked in other languages; the sweeper has their index made.

    In every generation that answers or may soon.
    """
    kept = IndexGeneration.objects.kept().exclude(pk=generation.pk)
    for one in [generation, *kept]:
        for collection in collections:
            SentenceIndex.objects.get_or_create(generation=one, collection=collection)


def languages_of(collection: str | None) -> frozenset[str]:
    """Return the languages that a collection's documents are in, as of half a minute ago."""
    now = time.monotonic()
    with _lock:
        known = _remembered.get(collection)
    if known is not None and now - known[0] < REMEMBERED_SECONDS:
        return known[1]
    found = _counted(collection)
    with _lock:
        _remembered[collection] = (now, found)
    return found


def forget() -> None:
    """Count again at the next question."""
    with _lock:
        _remembered.clear()


def _counted(collection: str | None) -> frozenset[str]:
    served = Document.objects.exclude(status=DocumentStatus.WITHDRAWN)
    served = served.exclude(current_version=None)
    if collection is not None:
        served = served.filter(collection__slug=collection)
    language = Substr(Coalesce(NullIf("given_language", Value("")), "language"), 1, 2)
    rows = served.values_list(language).annotate(number=Count("pk")).order_by()
    return spoken({str(name): number for name, number in rows})

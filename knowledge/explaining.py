"""Why a document was not found that should have been: what keeps it out, or how far down it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format

from knowledge.actions.readers import readers_of
from knowledge.models import Audience, Chunk, Document, DocumentStatus, IndexGeneration
from knowledge.retrieval.ranking import TITLE_WEIGHT
from knowledge.retrieval.values import Passage, Reader
from knowledge.wiring import embedder, searcher, vector_store
from providers.errors import ProviderError
from providers.vector_store.base import Scope

# More than a search ever looks at, so that the last candidate has its rank too.
MOST_PASSAGES = 500


@dataclass(frozen=True, slots=True)
class Nearest:
    """The document's own passage that is nearest to the question by meaning."""

    headings: tuple[str, ...]
    text: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands in a search.

    `obstacles` are sentences on why it is not searched at all. `rank` counts documents, 0: not
    among the `found` ones. `passage` is its best one of that search, `nearest` of all it has.
    """

    document: Document
    obstacles: tuple[str, ...] = ()
    rank: int = 0
    found: int = 0
    passage: Passage | None = None
    nearest: Nearest | None = None

    @property
    def title_share(self) -> float:
        """Return what its title adds to the score of its best passage."""
        return TITLE_WEIGHT * self.passage.title_score if self.passage else 0.0


def place_of(document: Document, question: str, reader: Reader) -> Place:
    """Search once more, as far down as a search goes. Raises ProviderError for no model."""
    generation = IndexGeneration.objects.in_use()
    obstacles = obstacles_of(document, reader, generation)
    if generation is None or obstacles:
        return Place(document, tuple(obstacles))
    passages = searcher(generation).retrieve(question, reader, MOST_PASSAGES).passages
    best: dict[str, Passage] = {}
    for passage in passages:
        best.setdefault(passage.document, passage)
    own = str(document.pk)
    return Place(
        document,
        rank=list(best).index(own) + 1 if own in best else 0,
        found=len(best),
        passage=best.get(own),
        nearest=_nearest(document, question, generation),
    )


def obstacles_of(
    document: Document, reader: Reader, generation: IndexGeneration | None
) -> list[str]:
    """Return what keeps this reader from finding the document, each with what to do."""
    if document.status == DocumentStatus.WITHDRAWN:
        return ["It is withdrawn. Retry on its page brings it back."]
    if document.current_version_id is None:
        return [_never_ready(document)]
    found = [*_readers(document, reader), *_collection(document, reader)]
    if not reader.previews:
        found += _not_valid_now(document)
    if generation is None or not _chunks_in(document, generation):
        found.append("The index in use does not hold it. Check the index, then retry the document.")
    return found


def _chunks_in(document: Document, generation: IndexGeneration) -> bool:
    chunks = Chunk.objects.filter(version=document.current_version_id, generation=generation)
    return chunks.exists()


def _never_ready(document: Document) -> str:
    state = str(document.get_status_display()).lower()
    reason = f" {document.error}" if document.error else ""
    return f"It has never been ready: {state}.{reason}"


def _readers(document: Document, reader: Reader) -> list[str]:
    own = set(document.audiences.values_list("slug", flat=True))
    if own & reader.audiences:
        return []
    return [
        f"Its readers are {_names(own)}; the search was made for {_names(reader.audiences)}. "
        "Change its readers, or search as one of them."
    ]


def _collection(document: Document, reader: Reader) -> list[str]:
    if reader.collection in (None, document.collection.slug):
        return []
    return [f"It is in the collection {document.collection}, and another one was searched."]


def _not_valid_now(document: Document) -> list[str]:
    now = timezone.now()
    found = []
    if not document.published:
        found.append("It is not published. Publish it, or include what is not published.")
    if document.valid_from and document.valid_from > now:
        found.append(f"It is valid only from {_moment(document.valid_from)}.")
    if document.valid_until and document.valid_until <= now:
        found.append(f"It has been out of use since {_moment(document.valid_until)}.")
    return found


def _moment(moment: object) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")  # type: ignore[arg-type]


def _names(slugs: Iterable[str]) -> str:
    known = dict(Audience.objects.values_list("slug", "name"))
    return ", ".join(known.get(slug, slug) for slug in sorted(slugs)) or "nobody"


def _nearest(document: Document, question: str, generation: IndexGeneration) -> Nearest | None:
    """Return its passage nearest to the question; None when the index cannot tell."""
    store = vector_store(generation)
    try:
        vector = [float(x) for x in embedder(generation.embedding_model).embed_query(question)]
        ids = sorted(store.point_ids(str(document.pk)))
        hits = store.score_dense(vector, ids, Scope(frozenset(readers_of(document))))
    except ProviderError:
        return None
    best = max(hits, key=lambda hit: hit.score, default=None)
    chunk = Chunk.objects.filter(pk=best.id).first() if best else None
    if best is None or chunk is None:
        return None
    return Nearest(tuple(chunk.headings), chunk.text, round(best.score, 4))

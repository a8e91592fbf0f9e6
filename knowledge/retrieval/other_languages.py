"""Questions in another language than the documents: a second model ranks, by groups of sentences.

A document is worth its best group or its title by the second model, and a fifth of what the usual
search says: when a question was wrongly taken for foreign, that fifth keeps the order nearly right
(docs/decisions/0017 and 0018). Pure, but for the embedder and the index.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.retrieval.ranking import PASSAGES_PER_DOCUMENT, Scored
from knowledge.retrieval.sentence_groups import sentence_groups
from knowledge.retrieval.understanding import SAME_TOPIC, as_floats, mixed, whole_characters
from knowledge.retrieval.values import Query, Reader
from providers.embeddings.base import Embedder
from providers.vector_store.base import Hit, Point, Scope, SparseVector, VectorStore

USUAL_WEIGHT = 0.2
# Groups are six times as many as chunks, and several of the first are of one document.
GROUP_CANDIDATES = 200
TITLE_PLACE = -1


@dataclass(frozen=True, slots=True)
class SentenceSearch:
    """The second model and its index."""

    embedder: Embedder
    store: VectorStore

    def hits(self, query: Query, scope: Scope) -> list[Hit]:
        """Return the nearest groups and titles, best first; earlier turns count as elsewhere.

        Raises ProviderError.
        """
        last, *earlier = [
            self.embedder.embed_query(whole_characters(text))
            for text in (query.text, *query.earlier)
        ]
        counting = [v if query.leans or float(last @ v) >= SAME_TOPIC else None for v in earlier]
        return self.store.search_dense(as_floats(mixed(last, counting)), scope, GROUP_CANDIDATES)


class Languages(Protocol):
    """What a search asks about languages."""

    def language(self, text: str, reader: Reader) -> str:
        """Return the language in which to look for words: one of the documents'."""
        ...

    def foreign(self, text: str, reader: Reader) -> SentenceSearch | None:
        """Return the second search for a question in another language; None: as usual."""
        ...


@dataclass(frozen=True, slots=True)
class Group:
    """Sentences to embed: their place in a chunk, from 0, or TITLE_PLACE for the title."""

    chunk: str
    place: int
    text: str

    @property
    def id(self) -> str:
        """Return the same id for the same place each time, so that it can be written over."""
        return group_id(self.chunk, self.place)


def group_id(chunk: str, place: int) -> str:
    """Return the id of a group's point, from the chunk's id."""
    return str(uuid.uuid5(uuid.UUID(chunk), "title" if place == TITLE_PLACE else f"s{place}"))


def groups_of(title: str, chunks: Sequence[tuple[str, str]]) -> list[Group]:
    """Return the groups of a document's chunks, (id, text) each; the title goes with the first."""
    groups = [Group(chunks[0][0], TITLE_PLACE, title)] if chunks and title.strip() else []
    for chunk, text in chunks:
        found = sentence_groups(text)
        groups += [Group(chunk, place, group) for place, group in enumerate(found)]
    return groups


def group_point(
    group: Group,
    document: str,
    collection: str,
    audiences: tuple[str, ...],
    vector: Sequence[float],
) -> Point:
    """Return a group as it is indexed."""
    return Point(
        id=group.id,
        document=document,
        collection=collection,
        audiences=audiences,
        dense=vector,
        sparse=SparseVector((), ()),
        payload={"chunk": group.chunk},
    )


def rank_across(usual: Sequence[Scored], hits: Sequence[Hit]) -> list[Scored]:
    """Return the best chunks of each document in the order of the second model, best first.

    `usual` is the order of the usual search, in which every hit's chunk has a place. What has no
    group among the hits is taken for as near as the last of them. `dense` becomes a chunk's cosine
    by the second model.
    """
    if not hits:
        return list(usual)
    floor = min(hit.score for hit in hits)
    of_documents: dict[str, float] = {}
    of_chunks: dict[str, float] = {}
    for hit in hits:
        of_documents[hit.document] = max(of_documents.get(hit.document, floor), hit.score)
        if hit.id != group_id(hit.chunk, TITLE_PLACE):
            of_chunks[hit.chunk] = max(of_chunks.get(hit.chunk, floor), hit.score)
    by_document: dict[str, list[Scored]] = {}
    for scored in usual:
        by_document.setdefault(scored.document, []).append(scored)
    placed: list[Scored] = []
    for document, chunks in by_document.items():
        own = {s.chunk: of_chunks.get(s.chunk, floor) + USUAL_WEIGHT * s.score for s in chunks}
        chunks.sort(key=lambda s: (-own[s.chunk], s.chunk))
        usually = max(scored.score for scored in chunks)
        worth = of_documents.get(document, floor) + USUAL_WEIGHT * usually
        shift = worth - own[chunks[0].chunk]
        placed += [
            s._replace(score=own[s.chunk] + shift, dense=of_chunks.get(s.chunk, floor))
            for s in chunks[:PASSAGES_PER_DOCUMENT]
        ]
    return sorted(placed, key=lambda s: (-s.score, s.chunk))

"""From a question with the turns before it to what is looked up. Pure, but for the embedder.

A lookup is one vector and the terms that go with it: one for the whole question, and one for each
of its sentences where it has several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.retrieval.analysis import (
    EARLIER_WEIGHTS,
    ENGLISH,
    MAX_QUERY_CHARACTERS,
    codes_in,
    sparse_codes,
    sparse_query,
)
from knowledge.retrieval.sentences import parts_of
from knowledge.retrieval.spelling import Correction
from knowledge.retrieval.values import Query
from knowledge.retrieval.vocabulary import Expanded
from providers.embeddings.base import Embedder, Vectors
from providers.vector_store.base import SparseVector

# An earlier turn that is less like the question is about something else (0017).
SAME_TOPIC = 0.2
Expand = Callable[[str], Expanded]
Correct = Callable[[str], Correction]


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it is searched: `dense` is embedded, the words of `sparse` are looked for."""

    dense: str
    sparse: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched.

    `parts` are its sentences, none for a plain question; `earlier` the turns before it, the nearest
    first; `kept` the operator's terms to be found as they are written; `corrected` the words taken
    for misspelt, each with those searched for it; words are stemmed as those of `language`.
    """

    whole: Wording
    language: str = ENGLISH
    parts: tuple[Wording, ...] = ()
    earlier: tuple[Wording, ...] = ()
    leans: bool = False
    kept: tuple[str, ...] = ()
    corrected: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the index is asked: no `vector` when there is no embedding, no `codes` when none."""

    vector: list[float] | None
    sparse: SparseVector
    codes: SparseVector


def whole_characters(text: str) -> str:
    """Return a text without halves of characters, as JSON may hold them: no model takes those."""
    return text.encode(errors="replace").decode()


def embedded_text(text: str) -> str:
    """Return what is embedded of a question that has nothing to be mended or added."""
    return whole_characters(text[:MAX_QUERY_CHARACTERS].strip())


def understand(
    query: Query, expand: Expand | None, correct: Correct | None, language: str = ENGLISH
) -> Understood:
    """Return a question with its wrong letters mended and the operator's words added."""
    text = embedded_text(query.text)
    spelled = correct(text) if correct else Correction(text)
    expanded = expand(spelled.text) if expand else Expanded(spelled.text, spelled.text)
    parts = parts_of(spelled.text)
    return Understood(
        whole=_wording(expanded, spelled.more),
        language=language,
        parts=tuple(_worded(part, expand) for part in parts) if len(parts) > 1 else (),
        earlier=tuple(
            # As when they were asked, so that their vectors are remembered.
            understand(Query(turn), expand, correct).whole
            for turn in query.earlier[: len(EARLIER_WEIGHTS)]
        ),
        leans=query.leans,
        kept=expanded.kept,
        corrected=spelled.changes,
    )


def _worded(text: str, expand: Expand | None) -> Wording:
    return _wording(expand(text) if expand else Expanded(text, text))


def _wording(expanded: Expanded, more: str = "") -> Wording:
    sparse = f"{expanded.sparse} {more}" if more else expanded.sparse
    return Wording(expanded.dense, sparse, codes_in(expanded.dense))


def lookups(wanted: Understood, embedder: Embedder, most_parts: int) -> list[Lookup]:
    """Return what to look up, the whole question first. Raises EmbedderUnavailable."""
    last = embedder.embed_query(wanted.whole.dense)
    earlier = [embedder.embed_query(turn.dense) for turn in wanted.earlier]
    counts = [wanted.leans or float(last @ vector) >= SAME_TOPIC for vector in earlier]
    whole = Lookup(
        as_floats(mixed(last, [v if ok else None for v, ok in zip(earlier, counts, strict=True)])),
        _with_earlier(wanted, counts),
        sparse_codes(wanted.whole.codes),
    )
    parts = wanted.parts[:most_parts]
    return [whole, *(_of_part(part, embedder, wanted.language) for part in parts)]


def by_words(wanted: Understood) -> Lookup:
    """Return the lookup of a question that cannot be embedded."""
    counts = [wanted.leans] * len(wanted.earlier)
    return Lookup(None, _with_earlier(wanted, counts), sparse_codes(wanted.whole.codes))


def mixed(last: Vectors, earlier: Sequence[Vectors | None]) -> Vectors:
    """Return the unit vector of a question together with the turns before it, the nearest first.

    One that does not count is None.
    """
    total = np.array(last, dtype=np.float32)
    for weight, vector in zip(EARLIER_WEIGHTS, earlier, strict=False):
        if vector is not None:
            total = total + weight * vector
    made: Vectors = total / max(float(np.linalg.norm(total)), 1e-9)
    return made


def as_floats(vector: Vectors) -> list[float]:
    """Return a vector as the index takes it."""
    return [float(x) for x in vector]


def _with_earlier(wanted: Understood, counts: Sequence[bool]) -> SparseVector:
    earlier = [t.sparse if ok else "" for t, ok in zip(wanted.earlier, counts, strict=True)]
    return sparse_query(wanted.whole.sparse, wanted.language, earlier)


def _of_part(part: Wording, embedder: Embedder, language: str) -> Lookup:
    vector = as_floats(embedder.embed_query(part.dense))
    # The whole question's codes are looked up once.
    return Lookup(vector, sparse_query(part.sparse, language), sparse_codes(()))

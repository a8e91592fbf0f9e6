"""From candidates to an order: chunks are scored, documents compared, passages spread. Pure.

The recipe and what each step gives: docs/decisions/0017. All scores are on the scale of a cosine.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import NamedTuple

from providers.vector_store.base import Hit

# So many by cosine and so many by BM25 for each part of a question.
CANDIDATES = 300
SPARSE_WEIGHT = 0.36
# The best three chunks of a document.
CHUNK_WEIGHTS = (0.7, 0.15, 0.15)
TITLE_WEIGHT = 0.09
# What a chunk gains that holds the codes of the question exactly: more than other pages are ahead
# by meaning, so that it comes first.
CODE_WEIGHT = 0.5
# Documents further down by their best chunk have no place: none of them would come near the top.
LEADING_DOCUMENTS = 60
PASSAGES_PER_DOCUMENT = 3
EVERY_CHUNK = None


class Candidate(NamedTuple):
    """A chunk under one query: its cosine, BM25 over the best BM25, and the codes it holds (0..1).

    `chunks` is how many its document has, 0: not known.
    """

    chunk: str
    document: str
    dense: float
    sparse: float
    codes: float = 0.0
    chunks: int = 0

    @property
    def score(self) -> float:
        """Return the fused score, codes left out."""
        return self.dense + SPARSE_WEIGHT * self.sparse


class Scored(NamedTuple):
    """A chunk in its place: `score` orders, the others say what it is made of.

    `dense`, `sparse` and `codes` are those of a Candidate under the whole question, or under the
    sentence that found it; `title` is the cosine of the question with the document's title.
    """

    chunk: str
    document: str
    score: float
    dense: float
    sparse: float
    codes: float = 0.0
    title: float = 0.0


def without_cut_ties(hits: Sequence[Hit], limit: int) -> list[Hit]:
    """Return hits, best first, without the last equals where the list was cut at `limit`.

    Which of equals the engine gives within a limit changes from one run to the next, and with it
    the ranking of the same question. Nothing is dropped when all are equal.
    """
    last = hits[-1].score if len(hits) >= limit else None
    kept = [hit for hit in hits if hit.score != last]
    return kept or list(hits)


def fuse(dense: Sequence[Hit], sparse: Sequence[Hit], codes: Sequence[Hit] = ()) -> list[Candidate]:
    """Join the lists by point; what is missing in a list scores 0 there."""
    cosines = {hit.id: hit.score for hit in dense}
    words, exact = _shares(sparse), _shares(codes)
    hits = {hit.id: hit for hit in (*dense, *sparse, *codes)}
    return [
        Candidate(
            chunk,
            hit.document,
            cosines.get(chunk, 0.0),
            words.get(chunk, 0.0),
            exact.get(chunk, 0.0),
            hit.chunks,
        )
        for chunk, hit in hits.items()
    ]


def _shares(hits: Sequence[Hit]) -> dict[str, float]:
    best = max((hit.score for hit in hits), default=0.0) or 1.0
    return {hit.id: hit.score / best for hit in hits}


def rank(
    whole: Sequence[Candidate],
    parts: Sequence[Sequence[Candidate]] = (),
    titles: Mapping[str, float] | None = None,
    most: int | None = PASSAGES_PER_DOCUMENT,
    among: Collection[str] | None = None,
) -> list[Scored]:
    """Return the best candidates of each document, at most so many, in order, best first.

    Of the documents `among` alone, of every one without it.
    `parts` are the candidates of each sentence where a question has several; `titles` the cosine of
    the question with titles, by document. A document without one is taken for as near as its best
    chunk is.
    """
    scores = _with_parts(whole, parts) if parts else {c.chunk: c.score for c in whole}
    known = _by_chunk(whole, parts)
    weakest = min(scores.values(), default=0.0)
    documents: dict[str, list[Candidate]] = {}
    for candidate in known.values():
        if among is None or candidate.document in among:
            documents.setdefault(candidate.document, []).append(candidate)
    placed: list[Scored] = []
    for document, own in documents.items():
        own.sort(key=lambda c: (-scores[c.chunk], c.chunk))
        best = scores[own[0].chunk]
        ordered = [scores[c.chunk] for c in own]
        # A situation with several needs is answered by passages, not by whole documents.
        worth = best if parts else _aggregated(ordered, own[0].chunks, weakest)
        title = (titles or {}).get(document, own[0].dense)
        shift = worth + TITLE_WEIGHT * title - best
        placed += _best([_placed(c, scores[c.chunk] + shift, title) for c in own], most)
    return sorted(placed, key=_order)


def leading(lists: Sequence[Sequence[Candidate]], most: int = LEADING_DOCUMENTS) -> list[str]:
    """Return so many documents with the best chunks under any lookup, best first."""
    best: dict[str, float] = {}
    for candidate in (candidate for one in lists for candidate in one):
        score = candidate.score + CODE_WEIGHT * candidate.codes
        if score > best.get(candidate.document, -inf):
            best[candidate.document] = score
    return sorted(best, key=lambda document: (-best[document], document))[:most]


def _placed(candidate: Candidate, score: float, title: float) -> Scored:
    chunk, document, dense, sparse, codes, _ = candidate
    return Scored(chunk, document, score + CODE_WEIGHT * codes, dense, sparse, codes, title)


def _best(own: list[Scored], most: int | None) -> list[Scored]:
    return sorted(own, key=_order)[:most]


def _order(scored: Scored) -> tuple[float, str]:
    return (-scored.score, scored.chunk)


def _aggregated(ordered: Sequence[float], chunks: int, weakest: float) -> float:
    """Return a document's worth from its chunks' scores, best first.

    A place without a candidate is filled so that short documents are not punished: a document that
    has no more chunks repeats its last one. One that has more, none of them a candidate, gets no
    more than the weakest candidate.
    """
    known = list(ordered[: len(CHUNK_WEIGHTS)])
    fill = min(known[-1], weakest) if chunks > len(known) else known[-1]
    known += [fill] * (len(CHUNK_WEIGHTS) - len(known))
    return sum(weight * score for weight, score in zip(CHUNK_WEIGHTS, known, strict=True))


def _with_parts(
    whole: Sequence[Candidate], parts: Sequence[Sequence[Candidate]]
) -> dict[str, float]:
    """Return the mean of a chunk's score under the whole question and under its best sentence."""
    lists = [{c.chunk: c.score for c in one} for one in (whole, *parts) if one]
    weakest = [min(one.values()) for one in lists]
    chunks = dict.fromkeys(chunk for one in lists for chunk in one)

    def under(number: int, chunk: str) -> float:
        return lists[number].get(chunk, weakest[number])

    of_parts = range(1, len(lists)) if len(lists) > 1 else range(1)
    return {
        chunk: (under(0, chunk) + max(under(n, chunk) for n in of_parts)) / 2 for chunk in chunks
    }


def _by_chunk(
    whole: Sequence[Candidate], parts: Sequence[Sequence[Candidate]]
) -> dict[str, Candidate]:
    known: dict[str, Candidate] = {}
    for one in parts:
        for candidate in one:
            seen = known.get(candidate.chunk)
            if seen is None or candidate.score > seen.score:
                known[candidate.chunk] = candidate
    return known | {candidate.chunk: candidate for candidate in whole}

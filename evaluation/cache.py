"""May an answer be given again? Question pairs through the decision that customers' answers get."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

from conversations.answering import retrieval
from conversations.answering.answer_cache import layer_of, shareable
from conversations.answering.cache_decision import Refusal, evidence_of
from conversations.answering.cached import Ages, Entry, KeptCitation, Layer, Scope
from evaluation.cases import Pair
from knowledge.retrieval.values import Passage, Query, Reader, Retrieved
from providers.embeddings.base import Embedder

Retrieve = Callable[[Query, Reader, int], Retrieved]
_SCOPE = Scope(frozenset(), "", "", "", "")
# 97.5 % of the normal distribution, for intervals of 95 %.
_Z = 1.96


@dataclass(frozen=True, slots=True)
class PairResult:
    """What became of one pair: the layer that would serve, or why none does."""

    a: str
    b: str
    same: bool
    hit: bool
    layer: str
    refusal: str
    cosine: float


def evaluate(
    pairs: Sequence[Pair],
    embedder: Embedder,
    retrieve: Retrieve | None,
    audiences: frozenset[str],
    *,
    same_evidence: bool = False,
) -> dict[str, Any]:
    """Ask and answer `a`, then ask `b`; return the figures.

    The answer to `a` rests on the first passage found for it. Without `retrieve` nothing is found
    for either. `same_evidence`: both find one and the same page, which has the words of both, so
    that nothing but the two texts decides.
    """
    found = _finder(retrieve, Reader(audiences), same_evidence=same_evidence)
    return summary([_result(pair, embedder, found) for pair in pairs])


def summary(results: Sequence[PairResult]) -> dict[str, Any]:
    """Return the figures over all pairs, and each pair."""
    same = [r for r in results if r.same]
    different = [r for r in results if not r.same]
    right, wrong = sum(r.hit for r in same), sum(r.hit for r in different)
    return {
        "pairs": len(results),
        "same": len(same),
        "different": len(different),
        "hits_on_same": right,
        "hits_on_different": wrong,
        "precision": round(right / (right + wrong), 4) if right + wrong else None,
        "recall": round(right / len(same), 4) if same else None,
        "wrong_reuse": round(wrong / len(different), 4) if different else None,
        "intervals": {
            "recall": interval(right, len(same)),
            "wrong_reuse": interval(wrong, len(different)),
        },
        "by_layer": dict(Counter(r.layer for r in results if r.hit)),
        "refused_same": dict(Counter(r.refusal for r in same if not r.hit)),
        "refused_different": dict(Counter(r.refusal for r in different if not r.hit)),
        "per_pair": [asdict(r) for r in results],
    }


def interval(hits: int, number: int) -> list[float] | None:
    """Return Wilson's interval of a share at 95 % (Wilson 1927); None of nothing."""
    if not number:
        return None
    share, square = hits / number, _Z * _Z / number
    middle = share + square / 2
    spread = _Z * sqrt(share * (1 - share) / number + square / (4 * number))
    low, high = (middle - spread) / (1 + square), (middle + spread) / (1 + square)
    return [round(max(low, 0.0), 4), round(min(high, 1.0), 4)]


def _result(
    pair: Pair, embedder: Embedder, found: Callable[[str, Pair], tuple[Passage, ...]]
) -> PairResult:
    cosine = float(embedder.embed_query(pair.first) @ embedder.embed_query(pair.second))
    layer: Layer | None = None
    refusal: Refusal | None = Refusal.NOT_SHARED
    if shareable(pair.first, ()) and shareable(pair.second, ()):
        entry = _entry(pair.first, found(pair.first, pair))
        layer, refusal = layer_of(pair.second, entry, cosine, found(pair.second, pair), Ages())
    return PairResult(
        a=pair.first,
        b=pair.second,
        same=pair.same,
        hit=layer is not None,
        layer=layer or "",
        refusal=refusal or "",
        cosine=round(cosine, 4),
    )


def _entry(text: str, passages: tuple[Passage, ...]) -> Entry:
    cited = tuple(KeptCitation(1, p.chunk, p.version, "") for p in passages[:1])
    return Entry("", _SCOPE, text, evidence_of(passages), "", cited, (), 1.0, "high")


def _finder(
    retrieve: Retrieve | None, reader: Reader, *, same_evidence: bool
) -> Callable[[str, Pair], tuple[Passage, ...]]:
    held: dict[str, tuple[Passage, ...]] = {}

    def find(text: str, pair: Pair) -> tuple[Passage, ...]:
        if same_evidence:
            return (_page_with(f"{pair.first} {pair.second}"),)
        if retrieve is None:
            return ()
        if text not in held:
            query = retrieval.query_of(text, ())
            held[text] = retrieval.find(query, reader, retrieve).passages
        return held[text]

    return find


def _page_with(words: str) -> Passage:
    return Passage("1", "1", "1", "", (), words, "", None, 1.0, 1.0, 1.0)

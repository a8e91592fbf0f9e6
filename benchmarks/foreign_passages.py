"""Documents of random readers, asked for by random readers; internal articles and the public.

Pairs: documents of random audiences in a real installation are each sought by readers of random
audiences, all documents at once; a passage of a document that shares no audience with the reader
is a foreign one. Articles: the corpus `tau_bank` has internal articles beside public ones; every
development question, and the title of every internal article, is put through the answering
pipeline for the public with a model that keeps what it is sent. What the cache of answers gives is
tested in tests/conversations/answering/test_answer_cache.py.
"""

from __future__ import annotations

from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._own_process import measured_apart

DOCUMENTS, READERS = 100, 100
QUICK_DOCUMENTS, QUICK_READERS = 8, 10
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(options: Options) -> dict[str, Any]:
    """Count what is foreign; 0 is the bar."""
    folder = SAMPLES if options.quick else evaluation_data() / "retrieval" / "tau_bank"
    cases = folder / ("cases.jsonl" if options.quick else "dev.jsonl")
    sizes = (QUICK_DOCUMENTS, QUICK_READERS) if options.quick else (DOCUMENTS, READERS)
    figures = measured_apart("_foreign_passages_found", folder / "corpus.jsonl", cases, *sizes)
    foreign = figures["pairs"]["foreign"] + sum(figures["articles"]["found_in"].values())
    return {**figures, "ok": foreign == 0}

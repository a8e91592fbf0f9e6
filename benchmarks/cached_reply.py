"""What a cached reply costs over the pipeline without generation, in CPU time.

Questions of `stackfaq` over its corpus, in one process: search, guards and confidence as customers
get them; the model answers at once, and its own time is left out. Each question is first answered
anew and kept, then asked again in other letters, so that its vector is made again too. A third run
asks anew with the cache on, and shows what looking in vain costs.
"""

from __future__ import annotations

from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._own_process import measured_apart

# The bar.
MOST_OVER_PIPELINE = 1.5
QUESTIONS, QUICK_QUESTIONS = 300, 5
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(options: Options) -> dict[str, Any]:
    """Measure in a process of its own with an empty data folder."""
    folder = SAMPLES if options.quick else evaluation_data() / "retrieval" / "stackfaq"
    cases = folder / ("cases.jsonl" if options.quick else "dev.jsonl")
    number = QUICK_QUESTIONS if options.quick else QUESTIONS
    figures = measured_apart("_cached_replies", folder / "corpus.jsonl", cases, number)
    over = figures["cached_cpu_ms"] / figures["anew_cpu_ms"]
    return {**figures, "over_pipeline": round(over, 2), "ok": over <= MOST_OVER_PIPELINE}

"""What an answer costs beside its model's call, over 10,000 chunks: time, CPU, and each stage.

The conversations of mtrag_cloud, turn after turn, through intake and the worker's task in one
process: guards, ledger and answer cache on, passages read and checked in the database, question
embedded by the model that customers' questions are embedded by. The model is the local stub in a
process of its own, which answers at once; how long each of its calls took stands in the ledger and
is taken off. CPU is that of the whole process, reading the model's stream included. The chunks
beyond the real ones are made up (_search_data.py).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._day_recipe import conversations
from benchmarks._own_process import measured_apart
from benchmarks._search_data import write_index_data
from providers.embeddings.packaged import PackagedEmbedder
from tests.fresh_data_folder import MODELS
from tests.server_process import stub_llm_process

CHUNKS, QUICK_CHUNKS = 10_000, 400
# The bars, where the machine has nothing else to do.
MOST_MEDIAN_MS, MOST_P95_MS = 60.0, 150.0
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(options: Options) -> dict[str, Any]:
    """Fill an index, ask every turn, and return milliseconds."""
    source = SAMPLES if options.quick else evaluation_data() / "retrieval" / "mtrag_cloud"
    cases = [source / ("cases.jsonl" if options.quick else "dev.jsonl")]
    cases.append(source / ("unanswerable.jsonl" if options.quick else "unanswerable_dev.jsonl"))
    lines = [line for file in cases for line in file.read_text("utf-8").split("\n")]
    rows = [json.loads(line) for line in lines if line.strip()]
    chats = [[one.text for one in chat] for chat in conversations(rows)]
    chunks = QUICK_CHUNKS if options.quick else CHUNKS
    with tempfile.TemporaryDirectory() as name, stub_llm_process() as stub:
        folder = Path(name)
        write_index_data(folder, source / "corpus.jsonl", ["?"], chunks, PackagedEmbedder(MODELS))
        (folder / "chats.json").write_text(json.dumps(chats))
        environment = {
            "OPENAI_BASE_URL": stub,
            "LLM_MODELS": "stub",
            # Of unknown price, the day's budget would end after 200 calls.
            "LLM_PRICES": "stub=0/0",
            "LOG_LEVEL": "ERROR",
        }
        figures = measured_apart("_overhead_timed", folder, environment=environment)
    took = figures["without_model_ms"]
    ok = took["median"] <= MOST_MEDIAN_MS and took["p95"] <= MOST_P95_MS
    return {"chunks": chunks, **figures, "ok": ok}

"""What `evaluate retrieval` costs over encoding its chunks and nothing else, and a second run.

CPU of the whole command, Python's start and the reading of the model included, against that of
encoding the same chunks with the same model, start and reading not included. The second run takes
its vectors from the first; two runs must give the same rankings.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from benchmarks.ingestion import ONE_THREAD, RAW
from tests.fresh_data_folder import new_data_folder

# The bars.
MOST_OVER_RAW = 1.3
MOST_OF_FIRST = 0.2
RUN_SECONDS = 3600.0
TIMES = ("latency_ms", "search_ms", "cpu_seconds")
SAMPLES = ROOT / "tests" / "samples" / "evaluation"
# The chunks as the harness embeds them, titles left out: an index made with an embedder that only
# writes down what it is given.
TEXTS = """
import json, sys
import django, numpy
django.setup()
from pathlib import Path
from evaluation.cases import read_corpus
from evaluation.corpus_index import CorpusIndex
from knowledge.management.preparing import prepare_data_dir
from knowledge.wiring import embedder
prepare_data_dir()
model, texts = embedder(), []
class Noting:
    name, dimensions, max_tokens = "noting", model.dimensions, model.max_tokens
    count_tokens = staticmethod(model.count_tokens)
    def embed_documents(self, given):
        texts.extend(given)
        return numpy.eye(1, model.dimensions, dtype=numpy.float32).repeat(len(given), axis=0)
rows = read_corpus(Path(sys.argv[1]))
with CorpusIndex(rows, Noting(), Path(sys.argv[3])):
    pass
titles = {row.title for row in rows}
json.dump([text for text in texts if text not in titles], open(sys.argv[2], "w"))
"""


def run(options: Options) -> dict[str, Any]:
    """Encode, evaluate, evaluate again."""
    files = SAMPLES if options.quick else evaluation_data() / "retrieval" / "mtrag_cloud"
    corpus = files / "corpus.jsonl"
    cases = files / ("cases.jsonl" if options.quick else "dev.jsonl")
    with tempfile.TemporaryDirectory(prefix="supportbot-evaluation-") as name:
        folder = Path(name)
        data = new_data_folder(folder / "data")
        texts = folder / "texts.json"
        _python(data, "-c", TEXTS, str(corpus), str(texts), str(folder / "noted.sqlite3"))
        raw, _ = _python(data, "-c", RAW, str(texts), str(data / "models"))
        command = ("manage.py", "evaluate", "retrieval", "--json")
        files_given = ("--corpus", str(corpus), "--cases", str(cases))
        first, first_seconds = _python(data, *command, *files_given)
        second, second_seconds = _python(data, *command, *files_given)
    over_raw = first_seconds / raw["cpu_seconds"]
    of_first = second_seconds / first_seconds
    different = differences(first, second)
    return {
        "chunks": raw["chunks"],
        "cases": first["n"],
        "raw_encoding_cpu_seconds": round(raw["cpu_seconds"], 2),
        "first_cpu_seconds": round(first_seconds, 2),
        "second_cpu_seconds": round(second_seconds, 2),
        "first_over_raw": round(over_raw, 3),
        "second_over_first": round(of_first, 3),
        "identical": not different,
        "different": different,
        "ndcg_at_10": first["ndcg_at_10"],
        # Of a handful of chunks the start of Python is most of the cost.
        "ok": not different
        and (options.quick or (over_raw <= MOST_OVER_RAW and of_first <= MOST_OF_FIRST)),
    }


def differences(first: dict[str, Any], second: dict[str, Any]) -> list[Any]:
    """Return what differs between two results besides the time they took: (name, one, other)."""
    found: list[Any] = [
        (name, value, second.get(name))
        for name, value in first.items()
        if name not in (*TIMES, "per_query") and value != second.get(name)
    ]
    found += [
        (row["id"], row, other)
        for row, other in zip(first["per_query"], second["per_query"], strict=True)
        if row != other
    ]
    return found


def _python(data: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run Python in the project; return the JSON it printed and the CPU seconds it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            **ONE_THREAD,
            "DJANGO_SETTINGS_MODULE": "supportbot.settings",
            "HF_HUB_OFFLINE": "1",
            "DATA_DIR": str(data),
        },
        stdout=subprocess.PIPE,
        text=True,
        timeout=RUN_SECONDS,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    said = done.stdout.strip()
    return json.loads(said.splitlines()[-1]) if said else {}, seconds

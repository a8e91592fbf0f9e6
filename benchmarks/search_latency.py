"""Search beyond the question's embedding: CPU, time and memory, beside LangChain and Haystack.

At 10,000 chunks ours and theirs are asked the same questions in turns, over the same chunks with
the same vectors and for the same reader, each in a process of its own without an embedding model.
Name the Python of an environment with the peers in SEARCH_PEERS_PYTHON (what it needs:
benchmarks/_search_peers.py), else only our own figures are given. Ours reads passages from the
database and checks who may read them there; theirs holds everything in memory and does not. At
100,000 chunks only ours is asked. The chunks beyond the real ones are made up (_search_data.py).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import ROOT, Options, evaluation_data
from benchmarks._search_data import write_index_data
from providers.embeddings.packaged import PackagedEmbedder
from tests.fresh_data_folder import MODELS, new_data_folder

CHUNKS = 10_000
MANY_CHUNKS = 100_000
QUICK_CHUNKS = 400
QUESTIONS = 150
QUICK_QUESTIONS = 5
# Each process answers these before it is measured.
WARM_UP = 5
PEERS = ("langchain", "haystack")
KINDS = ("dense", "hybrid")
SAMPLES = ROOT / "tests" / "samples" / "evaluation"
# The bars: median CPU at 10,000 and 100,000 chunks, and how far the slow ones may be.
MOST_MS = {CHUNKS: 15.0, MANY_CHUNKS: 60.0}
MOST_SPREAD = 3.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Asked:
    """A process that searches when it is told to."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD, "HF_HUB_OFFLINE": "1", **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._before_mb: float = self._read()["before_mb"]
        self.cpu_ms: list[float] = []
        self.wall_ms: list[float] = []

    def ask(self, question: int, *, counted: bool = True) -> list[str]:
        """Search for one question and return the ids of the chunks found."""
        answer = self._say({"question": question})
        if counted:
            self.cpu_ms.append(answer["cpu_ms"])
            self.wall_ms.append(answer["wall_ms"])
        found: list[str] = answer["found"]
        return found

    def figures(self) -> dict[str, float]:
        """Return median and 95th percentile in milliseconds, and memory after the questions.

        `memory_for_chunks_mb` is what was added since the libraries were loaded.
        """
        cpu, wall = np.percentile(self.cpu_ms, [50, 95]), np.percentile(self.wall_ms, [50, 95])
        memory = self._say({"memory": True})
        named = {
            "cpu_ms_p50": cpu[0],
            "cpu_ms_p95": cpu[1],
            "wall_ms_p50": wall[0],
            "wall_ms_p95": wall[1],
            **memory,
            "memory_for_chunks_mb": memory["memory_mb"] - self._before_mb,
        }
        return {name: round(float(value), 2) for name, value in named.items()}

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _say(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a search process ended; what it said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer


def run(options: Options) -> dict[str, Any]:
    """Measure both sizes; the quick form one small index, without evaluation data."""
    sizes = (QUICK_CHUNKS,) if options.quick else (CHUNKS, MANY_CHUNKS)
    asked = QUICK_QUESTIONS if options.quick else QUESTIONS
    source = SAMPLES if options.quick else evaluation_data() / "retrieval" / "mtrag_cloud"
    cases = source / ("cases.jsonl" if options.quick else "dev.jsonl")
    rows = [json.loads(line) for line in cases.read_text("utf-8").split("\n") if line.strip()]
    questions = [row["query"] for row in rows][:asked]
    peers = os.environ.get("SEARCH_PEERS_PYTHON", "")
    results = {}
    for chunks in sizes:
        with tempfile.TemporaryDirectory(prefix="supportbot-search-") as name:
            folder = Path(name)
            write_index_data(
                folder / "chunks",
                source / "corpus.jsonl",
                questions,
                chunks,
                PackagedEmbedder(MODELS),
            )
            beside = peers if chunks != MANY_CHUNKS else ""
            results[chunks] = _measured(folder, len(questions), beside)
    return _judged(results)


def _measured(folder: Path, questions: int, peers_python: str) -> dict[str, dict[str, float]]:
    """Fill every store, then ask all of them each question in turns."""
    data = new_data_folder(folder / "data")
    ours = [sys.executable, "-m", "benchmarks._search_ours"]
    subprocess.run(  # noqa: S603 - our own command
        [*ours, "fill", str(folder / "chunks")],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data), "HF_HUB_OFFLINE": "1"},
        check=True,
    )
    asked = {
        "ours": Asked([*ours, "serve", str(folder / "chunks")], {"DATA_DIR": str(data)}),
    }
    for peer in PEERS if peers_python else ():
        for kind in KINDS:
            script = str(ROOT / "benchmarks" / "_search_peers.py")
            command = [peers_python, "-W", "ignore", script, peer, kind, str(folder / "chunks")]
            asked[f"{peer}_{kind}"] = Asked(command, {})
    try:
        _take_turns(list(asked.values()), questions)
        return {name: one.figures() for name, one in asked.items()}
    finally:
        for one in asked.values():
            one.close()


def _take_turns(asked: Sequence[Asked], questions: int) -> None:
    for number in range(min(WARM_UP, questions)):
        for one in asked:
            one.ask(number, counted=False)
    for number in range(questions):
        first = number % len(asked)
        for one in (*asked[first:], *asked[:first]):
            if not one.ask(number):
                raise RuntimeError(f"question {number} found nothing")


def _judged(results: dict[int, dict[str, dict[str, float]]]) -> dict[str, Any]:
    ratios = {
        name: {
            measure: round(figures[measure] / by_name["ours"][measure], 2)
            for measure in ("cpu_ms_p50", "wall_ms_p50", "memory_mb", "anonymous_mb")
        }
        for by_name in results.values()
        for name, figures in by_name.items()
        if name != "ours"
    }
    ok = all(
        by_name["ours"]["cpu_ms_p50"] <= MOST_MS.get(chunks, float("inf"))
        and by_name["ours"]["cpu_ms_p95"] <= MOST_SPREAD * by_name["ours"]["cpu_ms_p50"]
        for chunks, by_name in results.items()
        if chunks in MOST_MS
    )
    return {
        "chunks": {str(chunks): by_name for chunks, by_name in results.items()},
        "theirs_over_ours": ratios,
        "ok": ok,
    }

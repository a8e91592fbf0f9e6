"""Documents of random readers, asked for by random readers; internal articles and the public.

Pairs: documents of random audiences in a real installation are each sought by readers of random
audiences, all documents at once; a passage of a document that shares no audience with the reader
is a foreign one. Articles: the corpus `tau_bank` has internal articles beside public ones; every
development question, and the title of every internal article, is put through the answering
pipeline for the public with a model that keeps what it is sent. What the cache of answers gives is
tested in tests/conversations/answering/test_answer_cache.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import ROOT, Options, evaluation_data
from tests.fresh_data_folder import new_data_folder

DOCUMENTS, READERS = 100, 100
QUICK_DOCUMENTS, QUICK_READERS = 8, 10
RUN_SECONDS = 900.0
SAMPLES = ROOT / "tests" / "samples" / "evaluation"


def run(options: Options) -> dict[str, Any]:
    """Count what is foreign; 0 is the bar."""
    folder = SAMPLES if options.quick else evaluation_data() / "retrieval" / "tau_bank"
    cases = folder / ("cases.jsonl" if options.quick else "dev.jsonl")
    sizes = (QUICK_DOCUMENTS, QUICK_READERS) if options.quick else (DOCUMENTS, READERS)
    with tempfile.TemporaryDirectory() as data:
        command = [
            sys.executable, "-m", "benchmarks._foreign_passages_found",
            str(folder / "corpus.jsonl"), str(cases), *map(str, sizes),
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            cwd=ROOT,
            env={**os.environ, "DATA_DIR": str(new_data_folder(Path(data)))},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    foreign = figures["pairs"]["foreign"] + sum(figures["articles"]["found_in"].values())
    return {**figures, "ok": foreign == 0}

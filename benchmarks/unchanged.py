"""The same 400 files ingested twice: the second run's CPU as a share of the first one's.

The command is run as people run it, a process of its own each time, so that its start counts too;
`start_cpu_seconds` is that of a command which does nothing with documents.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import Options, evaluation_data
from tests.fresh_data_folder import ROOT, new_data_folder

FILES = 400
QUICK_FILES = 30
REPEATS = 3
# The bar: a second run costs at most this share of the first.
MOST = 0.05
TIMEOUT_SECONDS = 3600.0


def run(options: Options) -> dict[str, Any]:
    """Ingest once, then again some times; the median of the later runs counts."""
    wanted = QUICK_FILES if options.quick else FILES
    with tempfile.TemporaryDirectory(prefix="supportbot-unchanged-") as name:
        folder = Path(name)
        number = copy_documents(folder / "docs", wanted)
        data_dir = new_data_folder(folder / "data")
        first = _ingest(folder / "docs", data_dir)
        again = [_ingest(folder / "docs", data_dir) for _ in range(REPEATS)]
        start = _cpu_of(["search", "warm"], data_dir)[1]
    again.sort(key=lambda result: float(result["whole_cpu_seconds"]))
    second = again[len(again) // 2]
    ratio = second["cpu_seconds"] / first["cpu_seconds"]
    return {
        "files": number,
        "chunks": first["chunks"],
        "first_cpu_seconds": first["cpu_seconds"],
        "second_cpu_seconds": second["cpu_seconds"],
        "second_whole_process_cpu_seconds": round(second["whole_cpu_seconds"], 2),
        "search_command_cpu_seconds": round(start, 2),
        "unchanged": second["unchanged"],
        "failed_first": first["failed"],
        "ratio": round(ratio, 4),
        "ok": ratio <= MOST and second["unchanged"] + second["failed"] == number,
    }


def copy_documents(target: Path, number: int) -> int:
    """Copy so many of the evaluation data's documents, evenly over its folders."""
    source = evaluation_data() / "docs"
    found = sorted(path for path in source.rglob("*") if path.is_file() and path.parent != source)
    step = max(1.0, len(found) / number)
    chosen = [found[int(index * step)] for index in range(min(number, len(found)))]
    for file in chosen:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    return len(chosen)


def _ingest(documents: Path, data_dir: Path) -> dict[str, Any]:
    printed, cpu = _cpu_of(["ingest", str(documents), "--json"], data_dir)
    result: dict[str, Any] = json.loads(printed)
    return {**result, "whole_cpu_seconds": cpu}


def _cpu_of(arguments: list[str], data_dir: Path) -> tuple[str, float]:
    """Run a command; return what it printed and the CPU seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, spent

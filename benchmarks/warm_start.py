"""A start with documents there already: CPU and time to ready, idle memory, first answer.

Memory is the proportional set size of the server and its children, read after it has been idle for
longer than the ingestion child lives.
"""

from __future__ import annotations

import os
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from benchmarks import Options, evaluation_data
from tests.server_process import ServerProcess, fetch

IDLE_SECONDS = 45.0
QUICK_IDLE_SECONDS = 1.0
STARTS = 3
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
QUESTION = "How do I change my password?"


def run(options: Options) -> dict[str, Any]:
    """Measure several starts; the median of each figure."""
    documents = evaluation_data() / "docs" / "login_gov"
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), (documents,), {})
        server.start()
        server.wait_for_output("Documents: ", 600)
        server.stop()
        starts = [_start(server, options) for _ in range(1 if options.quick else STARTS)]
    starts.sort(key=lambda start: start["cpu_seconds_to_ready"])
    return {"median": starts[len(starts) // 2], "all": starts}


def _start(server: ServerProcess, options: Options) -> dict[str, float]:
    began = time.monotonic()
    server.start()
    ready = time.monotonic()
    assert server.process is not None
    cpu = sum(_cpu_seconds(pid) for pid in _family(server.process.pid))
    _first_answer(server.url)
    answered = time.monotonic()
    time.sleep(QUICK_IDLE_SECONDS if options.quick else IDLE_SECONDS)
    memory = sum(_memory_mb(pid) for pid in _family(server.process.pid))
    server.stop()
    return {
        "cpu_seconds_to_ready": round(cpu, 2),
        "seconds_to_ready": round(ready - began, 2),
        "seconds_to_first_answer": round(answered - began, 2),
        "idle_memory_mb": round(memory, 1),
    }


def _first_answer(url: str) -> None:
    _, started = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
    path = f"{url}/api/v1/conversations/{started['id']}/messages/"
    message = {"client_id": str(uuid.uuid4()), "text": QUESTION}
    fetch(path, method="POST", body=message, token=started["token"])
    while True:
        _, page = fetch(f"{path}?after=1&wait=10", token=started["token"])
        if any(row["kind"] == "final" for row in page["messages"]):
            return


def _family(pid: int) -> list[int]:
    """Return a process and all below it."""
    children: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(child) for child in task.read_text().split()]
    return [pid, *(member for child in children for member in _family(child))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    # Fields 14 to 17 of proc(5): own and waited-for children's user and system time.
    return sum(int(field) for field in fields[11:15]) / CLOCK_TICKS


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0

"""The measuring end of a search in a process of its own: a line asks, a line answers.

Asked `{"question": number}` it answers `{"found": [...], "cpu_ms": ..., "wall_ms": ...}`; asked
`{"memory": true}` it answers `{"memory_mb": ..., "anonymous_mb": ...}`: the proportional set size,
and what of it is not a file's content, which the system can drop and read again. Knows nothing but
the standard library: other environments run it too.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def answer_lines(search: Callable[[int], list[str]], before_mb: float) -> None:
    """Answer until the input ends. `before_mb` is the memory before the chunks were there."""
    _say({"before_mb": before_mb})
    for line in sys.stdin:
        asked = json.loads(line)
        if asked.get("memory"):
            _say({"memory_mb": memory_mb(), "anonymous_mb": memory_mb("Anonymous:")})
            continue
        cpu, wall = time.process_time(), time.perf_counter()
        found = search(asked["question"])
        cpu_ms, wall_ms = time.process_time() - cpu, time.perf_counter() - wall
        _say({"found": found, "cpu_ms": 1000 * cpu_ms, "wall_ms": 1000 * wall_ms})


def memory_mb(kind: str = "Pss:") -> float:
    """Return this process's proportional set size, after what is free was given back.

    `kind` is another line of /proc/self/smaps_rollup.
    """
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    for line in Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith(kind):
            return int(line.split()[1]) / 1024
    return 0.0


def _say(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()

"""The table of docs/fault-matrix.md, made from what was played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a Markdown table: one line for each fault, with its slowest run.

    Times of runs with shorter budgets stand as shares of their limit, so that runs of all scales
    are held against the same bound.
    """
    lines = [
        "| row | fault | ended as | runs | misses | slowest, of its limit | limit |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row, fault in dict.fromkeys((row["row"], row["fault"]) for row in rows):
        runs = [one for one in rows if (one["row"], one["fault"]) == (row, fault)]
        ended = ", ".join(sorted({str(one["outcome"]) for one in runs}))
        misses = sum(not one["ok"] for one in runs)
        slowest = max(one["seconds"] / one["limit_seconds"] for one in runs)
        limit = max(one["limit_seconds"] for one in runs)
        lines.append(
            f"| {row} | {fault} | {ended} | {len(runs)} | {misses} | {slowest:.0%} | {limit:g} s |"
        )
    return "\n".join(lines)

"""Benchmarks: `python -m benchmarks NAME`. Each module but this has `run(options) -> dict`.

A module's first docstring line says what it measures. `run` measures its own baseline in the same
run, gives ratios and CPU time beside wall-clock figures, and raises DataMissing when evaluation
data is not there.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class DataMissing(Exception):
    """The evaluation data that a benchmark needs is not there."""


@dataclass(frozen=True)
class Options:
    """What the command line asks for."""

    quick: bool = False


def evaluation_data() -> Path:
    """Return the folder of the evaluation data. Raises DataMissing."""
    folder = Path(os.environ.get("EVAL_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        raise DataMissing(f"No evaluation data in {folder}. Set EVAL_DATA to its folder.")
    return folder

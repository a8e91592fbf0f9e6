"""A measurement in a process of its own, with an empty data folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import ROOT
from tests.fresh_data_folder import new_data_folder

# A loaded machine needs several times the quarter of an hour of a free one.
RUN_SECONDS = 3600.0


def measured_apart(
    module: str, *arguments: object, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Run a module of this package and return the figures in the last line that it prints."""
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)],
            cwd=ROOT,
            env={
                **os.environ,
                **(environment or {}),
                "DATA_DIR": str(new_data_folder(Path(data))),
            },
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
        )
    if done.returncode:
        raise AssertionError(done.stderr[-2000:])
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures

"""The scripts can be run, and the benchmarks can be named."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import names
from tests.fresh_data_folder import ROOT

SCRIPTS = [*sorted((ROOT / "scripts").iterdir()), ROOT / ".ci" / "run"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_executable_and_well_formed(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=10)


@pytest.mark.parametrize("name", names())
def test_a_benchmark_says_what_it_measures_and_can_be_run(name: str) -> None:
    module = __import__(f"benchmarks.{name}", fromlist=["run"])
    assert module.__doc__
    assert callable(module.run)


def test_an_unknown_benchmark_is_wrong_usage_and_the_known_ones_are_named() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "no_such_thing"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "kill_nine" in done.stderr

"""The fault matrix on stored messages, in the benchmark's quick form.

Times are the benchmark's matter, because tests run side by side: budgets are a fifth of the real
ones and not a tenth, and late replies are not counted here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evaluation.fault_table import table
from evaluation.faults import WELL
from tests.fresh_data_folder import ROOT, new_data_folder


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_each_message_gets_one_final_reply_an_incident_and_never_the_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks._faults_played", "1", "0.2"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(new_data_folder(tmp_path / "data"))},
        stdout=subprocess.PIPE,
        check=True,
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["leaked"] == 0
    assert told["log_lines"] > 0
    assert {row["row"] for row in told["played"]} == set(range(1, 23))
    for row in told["played"]:
        problems = [problem for problem in row["problems"] if not _for_want_of_time(problem, row)]
        assert problems == [], row


def _for_want_of_time(problem: str, row: dict[str, Any]) -> bool:
    """Say whether a problem comes of a machine that is busy with other tests.

    A model that has no fault may miss a fifth of its time, and is then asked again.
    """
    well_was_late = f"{WELL}: ProviderTimeout" in row["calls"]
    return problem.startswith("took") or (well_was_late and problem.startswith("made"))


def test_the_table_holds_runs_of_all_scales_against_the_same_bound() -> None:
    run = {"row": 3, "fault": "reset", "outcome": "answer", "seconds": 2.0, "limit_seconds": 10.0}
    rows = [
        {**run, "ok": True},
        {**run, "ok": False, "outcome": "extract", "seconds": 0.9, "limit_seconds": 1.0},
    ]
    assert table(rows).splitlines()[2:] == ["| 3 | reset | answer, extract | 2 | 1 | 90% | 10 s |"]

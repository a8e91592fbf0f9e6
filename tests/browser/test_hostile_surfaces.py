"""Hostile texts in chat, widget, admin, file names and letters stay words: the quick benchmark.

The desk has a test of its own (test_desk_hostile.py); all payloads: `scripts/bench xss`.
"""

import json
import subprocess
import sys

import pytest

from tests.fresh_data_folder import ROOT

pytestmark = pytest.mark.browser


@pytest.mark.timeout(300)
def test_nothing_runs_and_every_page_still_works() -> None:
    # In a process of its own: it drives a browser too, and one process drives one at a time.
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "xss", "--quick", "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=280,
        check=False,
    )
    (figures,) = json.loads(done.stdout.splitlines()[-1])["benchmarks"]
    surfaces = figures["surfaces"]
    assert {name: one for name, one in surfaces.items() if not one["clean"]} == {}
    assert figures["files"] == figures["payloads"]
    assert surfaces["admin lists"]["pages"] >= 12
    assert figures["rows"]["knowledge.Document"] == figures["payloads"]

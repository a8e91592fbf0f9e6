"""Hostile texts in chat, widget, admin, file names and letters stay words: the quick benchmark.

The desk has a test of its own (test_desk_hostile.py); all payloads: `scripts/bench xss`.
"""

import pytest

from benchmarks import Options, xss

pytestmark = pytest.mark.browser


@pytest.mark.timeout(300)
def test_nothing_runs_and_every_page_still_works() -> None:
    figures = xss.run(Options(quick=True))
    surfaces = figures["surfaces"]
    assert {name: one for name, one in surfaces.items() if not one["clean"]} == {}
    assert figures["files"] == figures["payloads"]
    assert surfaces["admin lists"]["pages"] >= 12
    assert figures["rows"]["knowledge.Document"] == figures["payloads"]

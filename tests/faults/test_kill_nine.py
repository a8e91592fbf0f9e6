"""Killed with -9 at random, the server loses nothing and doubles nothing."""

import random
from pathlib import Path

import pytest

from benchmarks.kill_nine import rehearse, settings_for, write_pages
from tests.conftest import StartServer


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_each_acknowledged_message_has_one_reply_after_kills_at_random(
    start_server: StartServer, stub_llm: str, tmp_path: Path
) -> None:
    server = start_server(write_pages(tmp_path / "pages"), **settings_for(stub_llm))
    server.wait_for_output("Documents:")
    seed = random.randrange(1_000_000)
    outcome = rehearse(server, messages=200, kills=5, seed=seed)
    assert outcome.kills == 5
    assert outcome.ok, f"seed {seed}: {outcome}"

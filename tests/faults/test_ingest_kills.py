"""Documents that are read in while the server is killed: all ready, nothing done twice for nothing.

The full form over 100 documents and 20 kills: `scripts/bench ingest_kills`.
"""

import random
import shutil
from pathlib import Path

import pytest

from benchmarks.ingest_kills import rehearse
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_documents_are_ready_after_kills_at_random(tmp_path: Path) -> None:
    articles = sorted((ROOT / "docs" / "help" / "operators").glob("*.md"))[:12]
    (tmp_path / "articles").mkdir()
    for article in articles:
        shutil.copy2(article, tmp_path / "articles")
    server = ServerProcess(tmp_path / "data", (tmp_path / "articles",), {})
    seed = random.randrange(1_000_000)
    try:
        outcome = rehearse(server, documents=len(articles), kills=3, seed=seed)
    finally:
        server.kill()
    assert outcome.kills == 3
    assert outcome.ok, f"seed {seed}: {outcome}"

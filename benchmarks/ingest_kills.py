"""100 documents read in while the server is killed with -9 twenty times: lost, or done twice?

A real server reads a folder in and is killed at random moments, each time with documents in hand,
and started again. Afterwards the rows are counted and every point is held against its row. A
document in hand at a kill may be embedded once more; nothing else may.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import Options
from benchmarks.unchanged import copy_documents
from tests.fresh_data_folder import ROOT
from tests.server_process import ServerProcess

DOCUMENTS, KILLS = 100, 20
QUICK_DOCUMENTS, QUICK_KILLS = 12, 3
# How long the server goes on after the document that was waited for; longer than one takes.
LAST_SECONDS = 1.5
LIFE_SECONDS = 300.0
FINISH_SECONDS = 1800.0
POLL_SECONDS = 0.02
IN_HAND = ("parsing", "embedding", "indexing", "verifying")
OPEN = ("queued", *IN_HAND)


@dataclass
class Outcome:
    """What the rows and the index say in the end. `in_flight` counts chunks, once a kill."""

    documents: int = 0
    kills: int = 0
    kills_with_documents_in_hand: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    chunks: int = 0
    embedded: int = 0
    in_flight: int = 0
    twice_without_reason: list[str] = field(default_factory=list)
    index_differences: int = -1
    index_error: str = ""
    finish_seconds: float = 0.0

    @property
    def embedded_twice(self) -> int:
        """Return how many chunks were embedded more than once."""
        return self.embedded - self.chunks

    @property
    def ok(self) -> bool:
        """Say whether all are ready, the index is right and nothing was done in vain."""
        ready = self.statuses == {"indexed": self.documents}
        spared = self.embedded_twice <= self.in_flight and not self.twice_without_reason
        return ready and spared and self.index_differences == 0


def rehearse(server: ServerProcess, *, documents: int, kills: int, seed: int) -> Outcome:
    """Kill the server so often while it reads its folder in, and count. It is not started yet."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    outcome = Outcome(documents=documents)
    database = server.data_dir / "db.sqlite3"
    in_hand: Counter[str] = Counter()
    server.start()
    for number in range(kills):
        _live(database, documents, kills - number, dice)
        server.kill()
        left = _ids(database, IN_HAND)
        in_hand.update(left)
        outcome.kills += 1
        outcome.kills_with_documents_in_hand += bool(left)
        server.start()
    restarted = time.monotonic()
    while _ready(database) < documents and time.monotonic() < restarted + FINISH_SECONDS:
        if len(_ids(database, OPEN)) == 0 and _count(database) == documents:
            break
        time.sleep(0.2)
    outcome.finish_seconds = round(time.monotonic() - restarted, 1)
    server.stop()
    _judge(database, in_hand, outcome)
    _check_index(server.data_dir, outcome)
    return outcome


def _live(database: Path, documents: int, kills_left: int, dice: random.Random) -> None:
    """Let the server get on for a random while, so that there is enough left for later kills."""
    done = _ready(database)
    more = dice.randint(0, max(0, 2 * (documents - done) // (kills_left + 1)))
    ends = time.monotonic() + LIFE_SECONDS
    while _ready(database) < done + more and time.monotonic() < ends:
        time.sleep(POLL_SECONDS)
    time.sleep(dice.uniform(0, LAST_SECONDS))


def _judge(database: Path, in_hand: Counter[str], outcome: Outcome) -> None:
    rows = _read(database, "SELECT status, count(*) FROM knowledge_document GROUP BY status")
    outcome.statuses = {str(status): int(number) for status, number in rows}
    rows = _read(
        database,
        "SELECT d.id, d.path, sum(v.embedded_count), "
        "(SELECT count(*) FROM knowledge_chunk c JOIN knowledge_documentversion w "
        "ON c.version_id = w.id WHERE w.document_id = d.id) "
        "FROM knowledge_document d JOIN knowledge_documentversion v ON v.document_id = d.id "
        "GROUP BY d.id",
    )
    for document, path, embedded, chunks in rows:
        outcome.embedded += embedded
        outcome.chunks += chunks
        outcome.in_flight += in_hand[document] * chunks
        if embedded - chunks > in_hand[document] * chunks:
            outcome.twice_without_reason.append(
                f"{path}: {embedded} for {chunks} chunks, in hand at {in_hand[document]} kills"
            )


def _check_index(data_dir: Path, outcome: Outcome) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check_index", "--json"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    outcome.index_error = result["error"]
    outcome.index_differences = result.get("differences", -1)


def _ready(database: Path) -> int:
    return len(_ids(database, ("indexed",)))


def _count(database: Path) -> int:
    return int(_read(database, "SELECT count(*) FROM knowledge_document")[0][0])


def _ids(database: Path, statuses: tuple[str, ...]) -> list[str]:
    marks = ", ".join("?" * len(statuses))
    query = f"SELECT id FROM knowledge_document WHERE status IN ({marks})"  # noqa: S608 - our marks
    return [str(row[0]) for row in _read(database, query, statuses)]


def _read(database: Path, query: str, values: tuple[str, ...] = ()) -> list[Any]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def run(options: Options) -> dict[str, Any]:
    """Twenty kills over 100 documents; three over 12 in the quick form."""
    documents, kills = (QUICK_DOCUMENTS, QUICK_KILLS) if options.quick else (DOCUMENTS, KILLS)
    seed = random.randrange(1_000_000)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory(prefix="supportbot-ingest-kills-") as name:
        folder = Path(name)
        number = copy_documents(folder / "docs", documents)
        server = ServerProcess(folder / "data", (folder / "docs",), {})
        try:
            outcome = rehearse(server, documents=number, kills=kills, seed=seed)
        finally:
            server.kill()
    figures = {**vars(outcome), "embedded_twice": outcome.embedded_twice}
    return {"ok": outcome.ok, "seed": seed, **figures}

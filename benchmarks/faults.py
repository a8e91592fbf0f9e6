"""The fault matrix, rows 1 to 22: each fault once in full, 19 times with budgets of a tenth.

Also the memory that a stream of 200 MB costs, and 500 messages to a server whose models are all
dead, then 200 each where they are dead in other ways. A miss is a message that ends otherwise,
later, twice or not at all, without an incident, or with the key in a log, reply or record.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks import Options
from evaluation.fault_table import table
from providers.llm.stub_process import refusing_address, stub_process
from tests.fresh_data_folder import ROOT, new_data_folder
from tests.server_process import ServerProcess, fetch

SCALED_TIMES, SCALE = 19, 0.1
MOST_MEGABYTES = 20.0
# Enough for some to come after the models are left alone, 11 to 22 s after the first.
MESSAGES, OTHER_MESSAGES, QUICK_MESSAGES = 500, 200, 80
SENT_PER_SECOND = 5.0
SENDERS = 10
ALL_WITHIN_SECONDS = 35.0
P95_ONCE_OPEN_SECONDS = 2.0
# The first model hangs and the second fails; both say nothing; no connection comes about.
DEAD, SILENT, REFUSED = "stub-hang,stub-503", "stub-hang,stub-drip", "refused"
QUESTIONS = (
    "How do I see the source of a reply?",
    "How do I rate an answer?",
    "Who can read what I write?",
    "How do I stop an answer?",
    "What can the assistant do?",
    "What happens when the connection drops?",
    "Which keys can I use on the keyboard?",
    "How long is my chat kept?",
)
PAGES = ROOT / "docs" / "help" / "customers"
LIMITS_OFF = {"VISITOR_MESSAGES_PER_MINUTE": "100000", "ADDRESS_MESSAGES_PER_MINUTE": "100000"}


def run(options: Options) -> dict[str, Any]:
    """Play everything; prints the table of docs/fault-matrix.md on standard error."""
    parts = [_played(1 if options.quick else SCALED_TIMES, SCALE)]
    if not options.quick:
        parts.append(_played(1, 1.0))
    rows = [row for part in parts for row in part["played"]]
    leaked = sum(part["leaked"] for part in parts)
    print(table(rows), file=sys.stderr)
    misses = [row for row in rows if not row["ok"]]
    memory = _memory()
    dead = [_all_dead(DEAD, QUICK_MESSAGES if options.quick else MESSAGES)]
    if not options.quick:
        dead += [_all_dead(how, OTHER_MESSAGES) for how in (SILENT, REFUSED)]
    return {
        "ok": not misses and not leaked and memory["ok"] and all(one["ok"] for one in dead),
        "messages": len(rows),
        "misses": len(misses),
        "missed": misses[:20],
        "log_lines_with_the_key": leaked,
        "memory_of_200_MB": memory,
        "all_models_dead": dead,
        "table": table(rows),
    }


def _child(*arguments: str, **env: str) -> Any:
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _played(times: int, scale: float) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return _child(
            "benchmarks._faults_played",
            str(times),
            str(scale),
            DATA_DIR=str(new_data_folder(Path(folder) / "data")),
            DJANGO_SETTINGS_MODULE="supportbot.settings",
            # The stub has no price: two hundred calls at the assumed one use the day's budget up.
            LLM_ASSUMED_COST_USD="0",
        )


def _memory() -> dict[str, Any]:
    with stub_process() as stub:
        found: dict[str, Any] = _child("benchmarks._faults_memory", stub)
    return {**found, "ok": found["megabytes"] <= MOST_MEGABYTES}


def _all_dead(models: str, messages: int) -> dict[str, Any]:
    """Send messages at an even pace to a server all of whose models are dead."""
    with (
        tempfile.TemporaryDirectory() as folder,
        stub_process() as stub,
        refusing_address() as refusing,
    ):
        address = refusing if models == REFUSED else stub
        model = {"OPENAI_BASE_URL": address, "LLM_MODELS": models}
        server = ServerProcess(Path(folder), (PAGES,), {**model, **LIMITS_OFF})
        server.start()
        try:
            server.wait_for_output("Documents: ", 300)
            _send(server.url, messages)
            return {"models": models, **_ended(server.data_dir / "db.sqlite3", messages)}
        finally:
            server.stop()


def _send(url: str, messages: int) -> None:
    started = time.monotonic()

    def some(numbers: Iterable[int]) -> None:
        for number in numbers:
            time.sleep(max(0.0, started + number / SENT_PER_SECOND - time.monotonic()))
            _, chat = fetch(f"{url}/api/v1/conversations/", method="POST", body={})
            fetch(
                f"{url}/api/v1/conversations/{chat['id']}/messages/",
                method="POST",
                body={
                    "client_id": str(uuid.uuid4()),
                    "text": QUESTIONS[number % len(QUESTIONS)],
                },
                token=chat["token"],
            )

    threads = [
        threading.Thread(target=some, args=(range(first, messages, SENDERS),))
        for first in range(SENDERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


_ENDED = """
    SELECT (julianday(f.created_at) - julianday(q.created_at)) * 86400, a.disposition,
           julianday(q.created_at) * 86400
    FROM conversations_message q
    JOIN conversations_message f ON f.reply_to_id = q.id AND f.kind = 'final'
    JOIN conversations_answer a ON a.message_id = f.id
    WHERE q.kind = 'question' ORDER BY q.created_at
"""


def _ended(database: Path, messages: int) -> dict[str, Any]:
    deadline = time.monotonic() + 2 * ALL_WITHIN_SECONDS
    rows: list[tuple[float, str, float]] = []
    while len(rows) < messages and time.monotonic() < deadline:
        time.sleep(1)
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as reader:
            rows = reader.execute(_ENDED).fetchall()
            opened = reader.execute(
                "SELECT max(julianday(created_at)) * 86400 FROM observability_incident "
                "WHERE kind = 'llm_left_alone'"
            ).fetchone()[0]
    seconds = sorted(row[0] for row in rows)
    well = sum(row[0] <= ALL_WITHIN_SECONDS and row[1] in ("extract", "escalate") for row in rows)
    later = sorted(row[0] for row in rows if opened and row[2] > opened)
    p95 = later[int(0.95 * (len(later) - 1))] if later else None
    return {
        "sent": messages,
        "sent_per_second": SENT_PER_SECOND,
        "ended_well_in_time": well,
        "slowest_seconds": round(seconds[-1], 2) if seconds else None,
        "once_open": {
            "n": len(later),
            "median_seconds": round(statistics.median(later), 3) if later else None,
            "p95_seconds": round(p95, 3) if p95 is not None else None,
        },
        "ok": well == messages and p95 is not None and p95 <= P95_ONCE_OPEN_SECONDS,
    }

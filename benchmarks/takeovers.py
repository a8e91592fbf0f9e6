"""Chats taken over while the bot is writing: its messages after the takeover (the bar: none).

A worker's own code answers, with a stand-in for the pipeline that writes for some 50 ms; an agent
takes the chat at a random moment after the first piece. Sequence numbers are given out under the
chat's lock, so a reply stored after the takeover has a higher one than the takeover's line. Nor may
a piece of it be shown once the takeover has returned, as worker and agent are one process here.
On SQLite, and on PostgreSQL too where TEST_POSTGRES_URL names a server.
"""

from __future__ import annotations

import os
import time
import uuid
from typing import Any
from unittest.mock import patch

import psycopg

from benchmarks import Options
from benchmarks._own_process import measured_apart

TAKEOVERS, QUICK_TAKEOVERS = 1000, 24


def run(options: Options) -> dict[str, Any]:
    """Take over in a process of its own for each database."""
    number = QUICK_TAKEOVERS if options.quick else TAKEOVERS
    seed = time.time_ns() % 2**31
    with patch.dict(os.environ, {"DATABASE_URL": ""}):
        found = [measured_apart("_takeovers_played", number, seed)]
    if server := os.environ.get("TEST_POSTGRES_URL"):
        name = f"takeovers_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        address = f"{server.rpartition('/')[0]}/{name}"
        with patch.dict(os.environ, {"DATABASE_URL": address}):
            found.append(measured_apart("_takeovers_played", number, seed))
    return {
        "seed": seed,
        "takeovers": sum(one["takeovers"] for one in found),
        "in_mid_stream": sum(one["in_mid_stream"] for one in found),
        "by_database": found,
        "ok": not any(
            one["bot_messages_after_the_commit"] + one["with_a_piece_after_the_commit"]
            for one in found
        ),
    }

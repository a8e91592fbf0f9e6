"""Walks: `python -m benchmarks._ownership_walked STEPS SEED`, with a new DATA_DIR."""

from __future__ import annotations

import json
import os
import sys
import time
from unittest.mock import patch

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportbot.settings")
django.setup()

from benchmarks._ownership_walk import Walk, doubled_replies  # noqa: E402 - settings come first
from knowledge.management.preparing import prepare_data_dir  # noqa: E402


def main() -> None:
    """Print the figures of one walk as JSON."""
    number, seed = int(sys.argv[1]), int(sys.argv[2])
    prepare_data_dir()
    cpu, started = time.process_time(), time.monotonic()
    # The steps themselves are the workers: nobody is rung.
    with patch("celery.current_app.send_task"):
        walk = Walk(seed)
        walk.run(number)
    figures = {
        "steps": number,
        "seed": seed,
        "by_step": dict(walk.steps),
        "refused": walk.refused,
        "replies": walk.replies,
        "doubled_replies": doubled_replies(),
        "broken_invariants": len(walk.broken),
        "broken": walk.broken[:20],
        "walk_seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

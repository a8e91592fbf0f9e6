"""What is done from time to time: the table that beat rings from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

HOUSEKEEPING = "supportbot.tasks.housekeeping"
REVIEWS = "supportbot.tasks.remind_owners"

# An interval, no time of day: a server that is stopped every night does it too.
BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "housekeeping": {
        "task": HOUSEKEEPING,
        "schedule": timedelta(hours=1),
        # The next ring does the same work.
        "options": {"expires": 3600},
    },
    "reviews": {
        "task": REVIEWS,
        "schedule": timedelta(hours=1),
        "options": {"expires": 3600},
    },
}

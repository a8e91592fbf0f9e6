"""From the customer's keypress to the agent's screen and back, in a busy house (bar: p95 150 ms).

Fifty chats at once: 45 customers ask the bot every 15 s on average and get streamed answers; five
talk with agents, whose desks are open and read again what they show after each change. The way from
a customer's frame to the agent's socket, and from the agent's reply to the customer's socket, is
measured for four of them; for the fifth both pages run in Chromium, from the key pressed to what is
drawn. A bare WebSocket echo runs beside it, on a server of its own.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks import Options
from benchmarks._own_process import measured_apart

SECONDS, QUICK_SECONDS = 120, 15
MOST_MS = 150.0


def run(options: Options) -> dict[str, Any]:
    """Play it in a process of its own."""
    seconds = QUICK_SECONDS if options.quick else SECONDS
    found = measured_apart("_desk_played", seconds, time.time_ns() % 2**31)
    shown = found["ms"]
    most = max(shown[name]["p95"] for name in ("there_and_back", "there_and_back_on_screens"))
    return {**found, "bar_ms": MOST_MS, "ok": most <= MOST_MS}
